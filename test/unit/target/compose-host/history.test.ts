import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { parseReference, type Reference } from '../../../../src/image/reference.ts'
import {
  describeDeploy,
  runningRelease,
  type ServiceDescription,
} from '../../../../src/target/compose-host/describe.ts'
import type { HistoryEntry, ServerFacts, ServiceFacts } from '../../../../src/target/compose-host/facts.ts'
import { readHistory } from '../../../../src/target/compose-host/history.ts'
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
  url: 'https://example.com/run/1',
  ...parts,
})
const runs = (letter: string) => service('web', { containers: [container({ repoDigests: [app(letter)] })] })

suite('the history of a project', () => {
  // As deploy/agent/history.sh writes it.
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
    { name: 'a short one, whose head comes twice', input: [head, head, whole], expected: [entry('a')] },
    {
      name: 'a line that a full disk cut off',
      input: [head, whole.slice(0, 60), whole],
      expected: [entry('a')],
    },
    {
      name: 'nothing in its places',
      input: [head, whole.replace('v-a latest', '-').replace('abc', '-')],
      expected: [entry('a', { tags: [], commit: '' })],
    },
  ]
  for (const { name, input, expected } of table)
    test(name, () => assert.deepEqual(readHistory(input), expected))
})

suite('a rollback that is asked for', () => {
  const history = [
    entry('a'),
    entry('b'),
    entry('c', { verdict: 'rolled-back' }),
    entry('d', { service: 'db' }),
  ]
  const table: readonly { name: string; wanted: string; facts?: ServerFacts; expected?: RegExp }[] = [
    { name: 'the one before', wanted: 'previous' },
    { name: 'a digest', wanted: digest('a') },
    { name: 'a tag', wanted: 'v-a' },
    {
      name: 'a tag that nobody has',
      wanted: 'v-x',
      expected: /is `v-x`.*There are: `sha256:b.*v-b, latest.*sha256:a/,
    },
    { name: 'a release that was never verified', wanted: digest('c'), expected: /no such release/ },
    { name: 'a release of another service', wanted: digest('d'), expected: /no such release/ },
    {
      name: 'the one before the first',
      wanted: 'previous',
      facts: server({ services: [runs('a')], project: { history: [entry('a')] } }),
      expected: /no such release.*sha256:a/,
    },
    {
      name: 'without a history',
      wanted: 'previous',
      facts: server(),
      expected: /There is none yet/,
    },
    {
      name: 'what a cut-off deploy is settled to',
      wanted: 'v-x',
      facts: server({ project: { history, unfinished: true } }),
    },
    {
      name: 'to a service that cannot be pinned',
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
      const told = findings.problems.map(({ cause, remedy }) => `${cause} ${remedy}`)
      assert.equal(told.length, expected === undefined ? 0 : 1, told.join('\n'))
      if (expected) assert.match(told.join(), expected)
      assert.equal(pins[0]?.pushed.repository, 'me/app')
    })
})

suite('what a deploy would do', () => {
  const verified = { history: [entry('a'), entry('b', { verdict: 'broken' })] }
  const table: readonly {
    name: string
    service: ServiceFacts
    project?: Partial<ServerFacts['project']>
    expected: Partial<ServiceDescription>
  }[] = [
    {
      name: 'for the first time',
      service: service('web'),
      expected: { from: undefined, containers: 0, configChanged: undefined, drift: undefined },
    },
    {
      name: 'over what was verified',
      service: runs('a'),
      project: verified,
      expected: { from: app('a'), containers: 1, configChanged: false, drift: undefined },
    },
    {
      name: 'over something else',
      service: runs('z'),
      project: verified,
      expected: { drift: `app-web-1 runs ${app('z')}, and ${app('a')} was the last that was verified.` },
    },
    {
      name: 'over nothing where something was',
      service: service('web'),
      project: verified,
      expected: { drift: `Nothing runs, and ${app('a')} was the last that was verified.` },
    },
    {
      name: 'with the identity of the containerd store',
      service: service('web', { containers: [container({ imageId: digest('a'), repoDigests: [] })] }),
      project: verified,
      expected: { from: digest('a'), drift: undefined },
    },
    {
      name: 'under another configuration',
      service: service('web', { configHash: 'h2', containers: [container()] }),
      expected: { configChanged: true },
    },
    {
      name: 'that another version of Compose reckoned otherwise',
      service: service('web', { configHash: 'h2', containers: [container({ composeVersion: '2.26.1' })] }),
      expected: { configChanged: undefined },
    },
    {
      name: 'with an old container that does not run',
      service: service('web', {
        containers: [
          container({ state: 'exited', repoDigests: [app('z')] }),
          container({ repoDigests: [app('a')] }),
        ],
      }),
      project: verified,
      expected: { from: app('a'), drift: undefined, containers: 2 },
    },
  ]
  for (const { name, service: only, project = {}, expected } of table)
    test(name, () => {
      const facts = server({ services: [only], project })
      const plan = describeDeploy(facts, { pins: [], envSet: { TAG: 'v2' } })
      const { services, ...rest } = plan
      assert.partialDeepStrictEqual(services[0], { name: 'web', reference: 'ghcr.io/me/app:v1', ...expected })
      assert.deepEqual(rest, { project: 'app', directory: '/srv/app', env: { TAG: 'v2' }, unfinished: false })
    })

  test('the pushed repository names what runs, where it is known by several', () => {
    const repoDigests = [`docker.io/mirror/app@${digest('a')}`, app('a')]
    const known = service('web', { containers: [container({ repoDigests })] })
    assert.equal(runningRelease(known, parseReference('ghcr.io/me/app:v2') as Reference), app('a'))
    assert.equal(runningRelease(known), repoDigests[0])
  })
})
