import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readContext } from '../../src/core/context.ts'
import { Failure } from '../../src/core/errors.ts'
import { release } from '../../src/release.ts'
import type { Journal, Results } from '../../src/report/journal.ts'
import type { RemoteRun } from '../../src/ssh/remote-run.ts'
import { container, digest, server, service } from './target/compose-host/preflight/facts.ts'

const pushed = { registry: 'ghcr.io', repository: 'me/app' }
const image = { repository: 'ghcr.io/me/app', digest: digest('b'), tags: [], platforms: [] }

const deployPlan = {
  services: ['web'],
  images: {},
  rollback: true,
  waitTimeout: 60,
  stability: 5,
  lockTimeout: 60,
  keepReleases: 2,
  drain: 10,
}

interface Given {
  readonly facts?: object
  readonly plan?: object
  readonly image?: typeof image
  readonly registry?: Parameters<typeof release>[5]
}

/** Deploys over a connection that answers as it is told. */
async function releaseOver(run: RemoteRun, given: Given = {}) {
  const notes: Results = {}
  const journal = {
    stage: (_: string, work: () => Promise<unknown>) => work(),
    note: (results: Results) => void Object.assign(notes, results),
  } as unknown as Journal
  const connection = {
    run,
    target: 'deploy@example.com',
    dropped: () => false,
    onDrop: new Promise(() => undefined),
    close: async () => undefined,
    dial: () => assert.fail('nobody is asked'),
  }
  const facts = { ...server({ services: [service('web', { containers: [container()] })] }), ...given.facts }
  const pin = { service: 'web', reference: 'ghcr.io/me/app:v1', pushed }
  const ending = await release(
    { deploy: { ...deployPlan, ...given.plan }, registry: { logins: [] }, image: { tagNames: [] } } as never,
    given.image ?? image,
    { connection, facts, release: { pins: [pin], envSet: {} } } as never,
    {
      log: { output: () => undefined, line: () => undefined, notice: () => undefined, mask: () => undefined },
      context: readContext({ GITHUB_REPOSITORY: 'octo/app' }, ''),
      env: {},
      cancelled: new AbortController().signal,
      remember: () => undefined,
      forgetRun: () => undefined,
    } as never,
    journal,
    given.registry,
  )
  return { ending, deploy: notes.deploy }
}

/** Takes the transaction, and has nothing of it when it is followed. */
const forgetful: RemoteRun = async ({ args }, { onStdout } = {}) => {
  onStdout?.(Buffer.from('\x1egone 0\n'))
  return { code: 0, stdout: `/srv/app/.slipway/runs/${args.at(-1)}\n`, stderr: '' }
}

test('a deploy whose end nobody could see is lost: what served before is known, and what serves is not claimed', async () => {
  const { ending, deploy } = await releaseOver(forgetful)
  assert.equal(ending.end, 'lost')
  assert.match(ending.failure?.problems[0]?.cause ?? '', /its result is unknown/)
  assert.deepEqual(deploy?.services, [
    {
      name: 'web',
      previous: `ghcr.io/me/app@${digest('a')}`,
      wanted: `ghcr.io/me/app@${digest('b')}`,
    },
  ])
})

test('one that could not be begun has changed nothing', async () => {
  const refusing: RemoteRun = async () => ({ code: 1, stdout: '', stderr: 'mkdir: Permission denied' })
  await assert.rejects(
    releaseOver(refusing),
    (error: unknown) => error instanceof Failure && error.stage === 'deploy',
  )
})

/** Takes the transaction, and comes to a verdict of its own. */
const ending =
  (...verdict: readonly string[]): RemoteRun =>
  async ({ args }, { onStdout } = {}) => {
    const text = [...verdict, 'end', ''].join('\n')
    onStdout?.(Buffer.from(`\x1everdict ${Buffer.byteLength(text)}\n${text}`))
    return { code: 0, stdout: `/srv/app/.slipway/app/runs/${args.at(-1)}\n`, stderr: '' }
  }

const ordered = `ghcr.io/me/app@${digest('b')}`

for (const { name, verdict, expected } of [
  {
    name: 'a success that names another image than was ordered is none',
    verdict: ['kind ok', `deployed web ghcr.io/me/app@${digest('e')}`],
    expected:
      /reports success.*`web` runs `ghcr\.io\/me\/app@sha256:e+`.*`ghcr\.io\/me\/app@sha256:b+` was ordered/,
  },
  {
    name: 'a success that names no image is none',
    verdict: ['kind ok'],
    expected: /reports success.*`web` runs nothing/,
  },
  {
    name: 'what is no image does not reach an output',
    verdict: ['kind ok', `deployed web ${ordered}`, 'previous web $(id)'],
    expected: /`previous` of `web` as `\$\(id\)`/,
  },
]) {
  test(name, async () => {
    const { ending: end, deploy } = await releaseOver(ending(...verdict))
    assert.equal(end.end, 'lost')
    assert.match(end.failure?.problems[0]?.cause ?? '', expected)
    assert.ok(end.failure?.problems[0]?.remedy)
    assert.deepEqual(deploy?.services, [
      { name: 'web', previous: `ghcr.io/me/app@${digest('a')}`, wanted: ordered },
    ])
  })
}

test('a success that names what was ordered is one', async () => {
  const { ending: end } = await releaseOver(ending('kind ok', `deployed web ${ordered}`))
  assert.equal(end.end, 'released')
})

test('an image without a digest never reaches the server', async () => {
  let calls = 0
  const counted: RemoteRun = async (...args) => {
    calls += 1
    return await forgetful(...args)
  }
  await assert.rejects(
    releaseOver(counted, { image: { ...image, digest: undefined } as never }),
    /web has no digest/,
  )
  assert.equal(calls, 0)
})

for (const { name, facts, expected } of [
  {
    name: 'the pushed image',
    facts: {},
    expected: { 'ghcr.io': ['me/app'] },
  },
  {
    name: 'the other services of a whole project',
    facts: {
      whole: {
        others: [service('job', { reference: 'ghcr.io/me/job:1' })],
        orphans: [],
        removeOrphans: false,
      },
    },
    expected: { 'ghcr.io': ['me/app', 'me/job'] },
  },
  {
    name: 'every service of a stack, from registries with a login',
    facts: {
      swarm: {
        stack: 'shop',
        nodes: [],
        heartbeat: 5,
        images: ['ghcr.io/me/app:v1', 'ghcr.io/me/worker:v1', 'reg.example/db:16', 'redis:7', 'Not an image'],
      },
    },
    expected: { 'ghcr.io': ['me/app', 'me/worker'], 'reg.example': ['db'] },
  },
])
  test(`the server gets a token to pull ${name}`, async () => {
    const asked: Record<string, readonly string[]> = {}
    const pullToken = async (host: string, repositories: readonly string[]) => {
      asked[host] = repositories
      return 'a token'
    }
    const login = { username: 'me', password: 'secret' }
    const logins = ['ghcr.io', 'reg.example'].map(host => ({ registry: host, ...login }))
    await releaseOver(ending('kind ok', `deployed web ${ordered}`), {
      facts,
      plan: { serverLogin: true },
      registry: { client: { pullToken }, registry: { logins } } as never,
    })
    assert.deepEqual(asked, expected)
  })
