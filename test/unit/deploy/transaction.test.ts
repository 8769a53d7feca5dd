import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Order } from '../../../src/deploy/order.ts'
import type { DeployRuntime } from '../../../src/deploy/run.ts'
import { deploy, listing, resume } from '../../../src/deploy/transaction.ts'
import { noHooks } from '../payload/no-hooks.ts'
import { type Answer, server } from './dropping.ts'

/** Renders a frame as `follow` on the server does. */
const frame = (kind: string, content = '') => `\x1e${kind} ${content.length}\n${content}`

const order = {
  plan: { waitTimeout: 1, stability: 1, rollback: true, lockTimeout: 1, keepReleases: 1, drain: 1 },
  facts: {
    tools: { docker: ['docker'], compose: ['docker', 'compose'], composeVersion: '2.40.3' },
    project: {
      directory: '/srv/app',
      base: '/srv/app',
      name: 'app',
      files: [],
      composeFiles: [],
      partFiles: [],
      envFiles: [],
    },
    services: [],
  },
  services: [],
  envSet: {},
  credentials: [],
  run: { url: 'u', actor: 'a', commit: 'c', workflow: 'w', ref: 'r', number: 1, tags: [] },
} as unknown as Order

const runtime = (connect: DeployRuntime['connect'], more: Partial<DeployRuntime> = {}): DeployRuntime => ({
  connect,
  print: () => undefined,
  cancelled: new AbortController().signal,
  ...more,
})

/** Answers as a server whose runs print these texts, in the order in which they start. */
function ending(...ends: readonly (readonly string[])[]): Answer {
  let begun = 0
  return ({ file, args, stdin }, tell) => {
    if (args[0] === '-c') return { stdout: `${args[3]}/.slipway/${args[4]}/runs/${args[5]}\n` }
    if (file === 'cat') return { stdout: 'directory /srv/app\nproject app\n' }
    if (args[1] !== 'start' && args[1] !== 'follow') return {}
    assert.ok(args[1] === 'follow' || typeof stdin === 'string')
    for (const text of ends[begun] ?? []) tell(text)
    begun += 1
    return {}
  }
}
const gone = [frame('log'), frame('gone')]
const ended = (kind: string) => [frame('log'), frame('verdict', `kind ${kind}\nend\n`)]

suite('a run that was killed', () => {
  test('is settled by another run, which no cancel stops and which has no payload', async () => {
    const { connect, asked } = server(ending(gone, ended('rolled-back')))
    const payload = {
      plan: { files: [{}], settings: [], hooks: noHooks, envFile: '.env' },
      needs: undefined,
      check: undefined,
    }
    const verdict = await deploy(
      { ...order, payload } as unknown as Order,
      runtime(connect, { cancelled: AbortSignal.abort() }),
    )
    assert.equal(verdict.kind, 'rolled-back')
    const verbs = asked.flatMap(line => /\/script (\w+)/.exec(line)?.[1] ?? [])
    assert.deepEqual(verbs, ['stage', 'cancel', 'start', 'start', 'vacate', 'vacate'])
  })

  test('is settled by a process that knows only its directory, from the order in it', async () => {
    const { connect, asked } = server(ending(gone, ended('ok')))
    const verdict = await resume('/srv/app/.slipway/app/runs/dead', 7, runtime(connect))
    assert.equal(verdict?.kind, 'ok')
    assert.equal(asked[0], 'sh /srv/app/.slipway/app/runs/dead/script follow 7')
    assert.ok(asked.some(line => line.includes(' /srv/app app ')))
  })
})

suite('following', () => {
  test('gives up if no connection yields any data, and waits between the attempts', async () => {
    const { connect, dialled } = server(() => 'drop')
    await assert.rejects(
      resume('/srv/app/.slipway/app/runs/x', 0, runtime(connect, { reconnectTimeout: 2500 })),
      /drops/,
    )
    assert.equal(dialled(), 2)
  })

  test('records after a cancel how much of the log was printed, up to the end of a line', async () => {
    const recorded: unknown[] = []
    const { connect } = server(ending([frame('log', 'Lock\n  wai'), ...ended('ok').slice(1)]))
    const recordRun = (...record: unknown[]) => recorded.push(record)
    await resume(
      '/srv/app/.slipway/app/runs/x',
      0,
      runtime(connect, { recordRun, cancelled: AbortSignal.abort() }),
    )
    assert.deepEqual(recorded, [['/srv/app/.slipway/app/runs/x', 5]])
  })
})

suite('the command that lists what runs', () => {
  const rows = [
    { name: 'for a Compose project', project: 'app', expected: 'docker compose ps' },
    { name: 'for a stack', project: 'stack.shop', expected: 'docker stack ps shop' },
    { name: 'for services without a stack', project: 'swarm.services', expected: 'docker service ls' },
  ]
  for (const { name, project, expected } of rows)
    test(`${name} is ${expected}`, () => assert.equal(listing(project), expected))
})
