import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Order } from '../../../src/deploy/order.ts'
import type { DeployRuntime } from '../../../src/deploy/run.ts'
import { deploy, listing, resume } from '../../../src/deploy/transaction.ts'
import { type Answer, server } from './dropping.ts'

/** A frame as the server's `follow` writes it. */
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

/** Gives each run its place, and has a run come to what is said of it, in the order in which they begin. */
function coming(...ends: readonly (readonly string[])[]): Answer {
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

suite('a run that is found dead', () => {
  test('is settled by one that no cancel ends and that brings nothing', async () => {
    const { connect, asked } = server(coming(gone, ended('rolled-back')))
    const hooks = {
      hostBefore: [],
      runBefore: [],
      execBefore: [],
      runAfter: [],
      execAfter: [],
      hostAfter: [],
    }
    const payload = {
      plan: { files: [{}], settings: [], hooks, envFile: '.env' },
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

  test('is settled from what it left, by a process that knows its place alone', async () => {
    const { connect, asked } = server(coming(gone, ended('ok')))
    const verdict = await resume('/srv/app/.slipway/app/runs/dead', 7, runtime(connect))
    assert.equal(verdict?.kind, 'ok')
    assert.equal(asked[0], 'sh /srv/app/.slipway/app/runs/dead/script follow 7')
    assert.ok(asked.some(line => line.includes(' /srv/app app ')))
  })
})

suite('following', () => {
  test('is given up where no connection brings a word, without a hurry', async () => {
    const { connect, dialled } = server(() => 'drop')
    await assert.rejects(
      resume('/srv/app/.slipway/app/runs/x', 0, runtime(connect, { reconnectTimeout: 2500 })),
      /drops/,
    )
    assert.equal(dialled(), 2)
  })

  test('notes after a cancel how far it came, to the end of a line', async () => {
    const recorded: unknown[] = []
    const { connect } = server(coming([frame('log', 'Lock\n  wai'), ...ended('ok').slice(1)]))
    const recordRun = (...record: unknown[]) => recorded.push(record)
    await resume(
      '/srv/app/.slipway/app/runs/x',
      0,
      runtime(connect, { recordRun, cancelled: AbortSignal.abort() }),
    )
    assert.deepEqual(recorded, [['/srv/app/.slipway/app/runs/x', 5]])
  })
})

suite('what runs of a project is shown', () => {
  const rows = [
    { name: 'of Compose', project: 'app', expected: 'docker compose ps' },
    { name: 'that is a stack', project: 'stack.shop', expected: 'docker stack ps shop' },
    { name: 'of services without a stack', project: 'swarm.services', expected: 'docker service ls' },
  ]
  for (const { name, project, expected } of rows)
    test(`${name} by ${expected}`, () => assert.equal(listing(project), expected))
})
