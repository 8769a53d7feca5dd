import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { parseReference, type Reference } from '../../../../src/image/reference.ts'
import {
  describeDeploy,
  runningRelease,
  type ServiceDescription,
} from '../../../../src/target/compose-host/describe.ts'
import type { HistoryEntry, ServerFacts, ServiceFacts } from '../../../../src/target/compose-host/facts.ts'
import {
  nameRelease,
  overtaken,
  type RunIdentity,
  readHistory,
  readVerified,
  releasesOf,
  versionOf,
} from '../../../../src/target/compose-host/history.ts'
import { checkRollback } from '../../../../src/target/compose-host/release.ts'
import { container, digest, server, service } from './preflight/facts.ts'

const app = (letter: string) => `ghcr.io/me/app@${digest(letter)}`
const entry = (letter: string, parts: Partial<HistoryEntry> = {}): HistoryEntry => ({
  when: '2026-01-31T12:00:00Z',
  verdict: 'ok',
  service: 'web',
  image: app(letter),
  tags: [`v-${letter}`, 'latest'],
  commit: 'abc',
  number: 7,
  url: 'https://example.com/run/1',
  id: 'x1',
  ...parts,
})
const runs = (letter: string) => service('web', { containers: [container({ repoDigests: [app(letter)] })] })

suite('the history of a project', () => {
  // The columns that deploy/agent/history.sh writes.
  const columns = 'when verdict service image tags commit ref number by seconds stage url id previous'.split(
    ' ',
  )
  const head = columns.join('\t')
  const line = [
    '2026-01-31T12:00:00Z',
    'ok',
    'web',
    app('a'),
    'v-a latest',
    'abc',
    'refs/heads/main',
    '7',
    'me',
  ]
  const whole = [...line, '12', '-', 'https://example.com/run/1', 'x1', '-'].join('\t')
  const table: readonly { name: string; input: readonly string[]; expected: readonly HistoryEntry[] }[] = [
    { name: 'none', input: [], expected: [] },
    { name: 'a line', input: [head, whole], expected: [entry('a')] },
    { name: 'a repeated header line', input: [head, head, whole], expected: [entry('a')] },
    {
      name: 'a line that a full disk cut short',
      input: [head, whole.slice(0, 60), whole],
      expected: [entry('a')],
    },
    {
      name: 'empty cells',
      input: [head, whole.replace('v-a latest', '-').replace('abc', '-')],
      expected: [entry('a', { tags: [], commit: '' })],
    },
    {
      name: 'invalid releases and commits',
      input: [head, whole.replace(app('a'), 'app@sha256:$(id)'), whole.replace('abc', '$(id)')],
      expected: [entry('a', { commit: '' })],
    },
  ]
  for (const { name, input, expected } of table)
    test(name, () => assert.deepEqual(readHistory(input), expected))
})

suite('a requested rollback', () => {
  const history = [
    entry('a'),
    entry('b'),
    entry('c', { verdict: 'rolled-back' }),
    entry('d', { service: 'db' }),
  ]
  const table: readonly { name: string; wanted: string; facts?: ServerFacts; expected?: RegExp }[] = [
    { name: 'the previous release', wanted: 'previous' },
    { name: 'a digest', wanted: digest('a') },
    { name: 'a tag', wanted: 'v-a' },
    {
      name: 'an unknown tag',
      wanted: 'v-x',
      expected: /is `v-x`.*Name one of these: `sha256:b.*v-b, latest.*sha256:a/,
    },
    { name: 'a release that was never verified', wanted: digest('c'), expected: /no such release/ },
    { name: 'a release of another service', wanted: digest('d'), expected: /no such release/ },
    {
      name: 'the release before the first',
      wanted: 'previous',
      facts: server({ services: [runs('a')], project: { history: [entry('a')] } }),
      expected: /no such release.*sha256:a/,
    },
    {
      name: 'without a history',
      wanted: 'previous',
      facts: server(),
      expected: /The history is empty/,
    },
    {
      name: 'any release after an interrupted deploy, which is settled first',
      wanted: 'v-x',
      facts: server({ project: { history, unfinished: true } }),
    },
    {
      name: 'of a service that cannot be pinned',
      wanted: 'v-a',
      facts: server({ services: [service('web', { reference: app('a') })], project: { history } }),
      expected: /pinned to a digest/,
    },
  ]
  for (const {
    name,
    wanted,
    facts = server({ services: [runs('b')], project: { history } }),
    expected,
  } of table)
    test(name, () => {
      const { findings, pins } = checkRollback(facts, wanted)
      const messages = findings.problems.map(({ cause, remedy }) => `${cause} ${remedy}`)
      assert.equal(messages.length, expected === undefined ? 0 : 1, messages.join('\n'))
      if (expected) assert.match(messages.join(), expected)
      assert.equal(pins[0]?.pushed.repository, 'me/app')
    })
})

suite('what a deploy would do', () => {
  const relay = { name: 'web', strategy: 'relay', ports: [] } as const
  const verified = { history: [entry('a'), entry('b', { verdict: 'broken' })] }
  const table: readonly {
    name: string
    service: ServiceFacts
    project?: Partial<ServerFacts['project']>
    strategies?: ServerFacts['strategies']
    expected: Partial<ServiceDescription>
  }[] = [
    {
      name: 'for the first time',
      service: service('web'),
      expected: { from: undefined, containers: 0, configChanged: undefined, drift: undefined },
    },
    {
      name: 'over the verified release',
      service: runs('a'),
      project: verified,
      expected: { from: app('a'), containers: 1, configChanged: false, drift: undefined },
    },
    {
      name: 'over another image',
      service: runs('z'),
      project: verified,
      expected: { drift: `app-web-1 runs ${app('z')}, but ${app('a')} is the last verified release.` },
    },
    {
      name: 'without containers, after a verified release',
      service: service('web'),
      project: verified,
      expected: { drift: `Nothing runs, but ${app('a')} is the last verified release.` },
    },
    {
      name: 'with the image ID of the containerd store',
      service: service('web', { containers: [container({ imageId: digest('a'), repoDigests: [] })] }),
      project: verified,
      expected: { from: digest('a'), drift: undefined },
    },
    {
      name: 'with a changed configuration',
      service: service('web', { configHash: 'h2', containers: [container()] }),
      expected: { configChanged: true },
    },
    {
      name: 'with a hash of another Compose version',
      service: service('web', { configHash: 'h2', containers: [container({ composeVersion: '2.26.1' })] }),
      expected: { configChanged: undefined },
    },
    {
      name: 'with a stopped old container',
      service: service('web', {
        containers: [
          container({ state: 'exited', repoDigests: [app('z')] }),
          container({ repoDigests: [app('a')] }),
        ],
      }),
      project: verified,
      expected: { from: app('a'), drift: undefined, containers: 2 },
    },
    {
      name: 'with a relay',
      service: runs('a'),
      strategies: [relay],
      expected: { strategy: 'relay', reason: undefined },
    },
    {
      name: 'with a relay, while the old container keeps crashing',
      service: service('web', { containers: [container({ state: 'restarting' })] }),
      strategies: [relay],
      expected: { strategy: 'relay' },
    },
    {
      name: 'with a relay, while only a stopped container exists',
      service: service('web', { containers: [container({ state: 'exited' })] }),
      strategies: [relay],
      expected: { strategy: 'recreate', reason: 'it is not running yet', instead: 'relay' },
    },
    {
      name: 'with a relay that something rules out, for the first time',
      service: service('web'),
      strategies: [{ name: 'web', strategy: 'recreate', ports: [], reason: 'it publishes no ports' }],
      expected: { strategy: 'recreate', reason: 'it publishes no ports' },
    },
  ]
  for (const { name, service: only, project = {}, strategies, expected } of table)
    test(name, () => {
      const facts = { ...server({ services: [only], project }), ...(strategies && { strategies }) }
      const plan = describeDeploy(facts, { pins: [], envSet: { TAG: 'v2' } })
      const { services, ...rest } = plan
      assert.partialDeepStrictEqual(services[0], { name: 'web', reference: 'ghcr.io/me/app:v1', ...expected })
      assert.deepEqual(rest, {
        project: 'app',
        directory: '/srv/app',
        changes: [],
        env: { TAG: 'v2' },
        unfinished: false,
      })
    })

  test('the running image is named by the pushed repository if it has several names', () => {
    const repoDigests = [`docker.io/mirror/app@${digest('a')}`, app('a')]
    const known = service('web', { containers: [container({ repoDigests })] })
    assert.equal(runningRelease(known, parseReference('ghcr.io/me/app:v2') as Reference), app('a'))
    assert.equal(runningRelease(known), repoDigests[0])
  })
})

suite('the name of a release', () => {
  const now = new Date('2026-01-31T18:00:00Z')
  const commit = '2222222'.padEnd(40, '0')
  const table = [
    {
      name: 'all details',
      input: { commit, version: '1.2.3', run: 8, when: '2026-01-31T16:35:10Z' },
      expected: '`2222222` (1.2.3, run 8, 16:35 UTC)',
    },
    {
      name: 'on another day',
      input: { commit, run: 8, when: '2026-01-30T16:35:10Z' },
      expected: '`2222222` (run 8, 2026-01-30 16:35 UTC)',
    },
    { name: 'no commit', input: { version: '1.2.3', run: 8 }, expected: '`1.2.3` (run 8)' },
    { name: 'nothing is known', input: undefined, expected: '`aaaaaaaaaaaa`' },
  ]
  for (const { name, input, expected } of table)
    test(name, () => assert.equal(nameRelease(app('a'), input, now), expected))

  test('the version is the longest tag that looks like one', () => {
    assert.equal(versionOf(['latest', '1', '1.2', '1.2.3', 'main', 'sha-1234567']), '1.2.3')
    assert.equal(versionOf(['latest', 'main']), undefined)
  })

  test('a digest that was deployed again has the details of its last deploy', () => {
    const history = [
      entry('a'),
      entry('b', { number: 8 }),
      entry('a', { number: 9 }),
      entry('b', { number: 10, verdict: 'rolled-back' }),
    ]
    assert.deepEqual(
      Object.values(releasesOf(history)).map(({ run }) => run),
      [9, 8],
    )
  })
})

suite('a run that a newer one has overtaken', () => {
  const now = new Date('2026-01-31T18:00:00Z')
  const run: RunIdentity = {
    home: 'https://github.com/me/app',
    workflow: 'CI',
    ref: 'refs/heads/main',
    number: 5,
    commit: '1111111',
  }
  const newer = readVerified([
    'service web',
    `image ${app('b')}`,
    'replicas 1',
    'when 2026-01-31T16:35:00Z',
    'url https://github.com/me/app/actions/runs/600',
    'workflow CI',
    'ref refs/heads/main',
    'number 6',
  ])
  const history = [
    entry('a', { number: 5, commit: '1111111' }),
    entry('b', { number: 6, commit: '2222222', tags: ['latest'] }),
  ]
  const check = (parts: Partial<RunIdentity> = {}, web = runs('b'), release = newer, unfinished = false) =>
    overtaken([web], { history, verified: [release], unfinished }, { ...run, ...parts }, now)

  test('learns which release runs, and how to roll back on purpose', () => {
    assert.deepEqual(check(), [
      {
        input: 'allow-older',
        code: 'superseded',
        cause:
          'A newer run of this workflow has already deployed `web`: `2222222` (run 6, 16:35 UTC). This is run 5, so nothing was built, pushed or changed.',
        remedy: `No action is needed. To go back on purpose, set \`allow-older: true\`, or \`rollback-to\` with a release from the server's history (\`rollback-to: ${digest('a')}\` is 1111111).`,
      },
    ])
  })

  const table: readonly { name: string; found: ReturnType<typeof check>; expected: number }[] = [
    { name: 'another commit, which was never deployed', found: check({ commit: '9' }), expected: 1 },
    { name: 'the same run again', found: check({ number: 6 }), expected: 0 },
    { name: 'a newer run', found: check({ number: 7 }), expected: 0 },
    { name: 'another workflow', found: check({ workflow: 'Other' }), expected: 0 },
    { name: 'another ref', found: check({ ref: 'refs/heads/next' }), expected: 0 },
    { name: 'another repository', found: check({ home: 'https://github.com/me/other' }), expected: 0 },
    { name: 'a service without containers', found: check({}, service('web')), expected: 0 },
    {
      name: 'a service whose container an interrupted deploy removed: settling starts it again',
      found: check({}, service('web'), newer, true),
      expected: 1,
    },
    { name: 'another service', found: check({}, runs('b'), { ...newer, service: 'db' }), expected: 0 },
    {
      name: 'an invalid run number',
      found: check({}, runs('b'), readVerified(['service web', 'number $(id)'])),
      expected: 0,
    },
  ]
  for (const { name, found, expected } of table) test(name, () => assert.equal(found.length, expected))
})
