import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { NodeName } from '../rig/swarm.ts'
import { deploy, type Outcome } from './deploy.ts'
import { containersOf, type Ground, openField } from './field.ts'
import { reached, type Stage } from './moments.ts'
import { whole } from './row.ts'

// Nodes go while a deploy is under way: one after another, as each disturbs the whole swarm.

const field = await openField()
const { swarm } = field

interface Case {
  readonly name: string
  readonly flags: readonly string[]
  readonly before: readonly string[]
  readonly stage: Stage
  readonly release?: 'two' | 'crash'
  befall(): Promise<unknown>
  /** Puts the swarm in order again. */
  heal?(): Promise<unknown>
  readonly verdict: string | readonly string[]
  /** On what nodes something has to be served; all of it is of one release. */
  readonly after: readonly string[]
  readonly without?: NodeName
  readonly says?: RegExp
  /** Seconds of `wait-timeout`; 90 when nothing is said. */
  readonly patience?: number
  readonly within: number
  readonly long?: true
}

const replicas = ['--replicas', '3']
const global = ['--mode', 'global']
const ones = ['one', 'one', 'one']
const twos = ['two', 'two', 'two']

const cases: readonly Case[] = [
  // Docker's own client waits for ever.
  {
    name: 'a global service, and a node dies',
    flags: global,
    before: [...ones, 'one'],
    stage: 'apply',
    befall: () => swarm.plug('worker', 'out'),
    heal: () => swarm.plug('worker', 'in'),
    // Swarm takes the nodes in any order: where the dead one is the first, it never comes to the others.
    verdict: ['ok', 'rolled-back'],
    after: [],
    without: 'worker',
    patience: 45,
    within: 160,
  },
  // Docker's own client says 1, and the update completes.
  {
    name: 'the quorum is lost for 25 seconds',
    flags: replicas,
    before: ones,
    stage: 'gate',
    async befall() {
      await Promise.all([swarm.plug('manager2', 'out'), swarm.plug('manager3', 'out')])
      await sleep(25_000)
      await Promise.all([swarm.plug('manager2', 'in'), swarm.plug('manager3', 'in')])
    },
    verdict: 'ok',
    after: twos,
    within: 200,
  },
  {
    name: 'the engine of the manager is restarted while the tasks settle',
    flags: replicas,
    before: ones,
    stage: 'gate',
    async befall() {
      await swarm.node('manager1').stopEngine('KILL')
      await swarm.node('manager1').startEngine()
    },
    // Its own tasks die with it, which may be reason enough for Swarm to pause.
    verdict: ['ok', 'rolled-back'],
    after: [],
    within: 200,
    long: true,
  },
  {
    name: 'the engine of the manager is restarted while it applies',
    flags: replicas,
    before: ones,
    stage: 'apply',
    async befall() {
      await swarm.node('manager1').stopEngine('KILL')
      await swarm.node('manager1').startEngine()
    },
    verdict: ['ok', 'unchanged', 'rolled-back'],
    after: [],
    within: 240,
    long: true,
  },
  {
    name: 'the engine of the manager is restarted while it rolls back',
    flags: replicas,
    before: ones,
    stage: 'rollback',
    release: 'crash',
    async befall() {
      await swarm.node('manager1').stopEngine('KILL')
      await swarm.node('manager1').startEngine()
    },
    verdict: 'rolled-back',
    after: ones,
    within: 240,
    long: true,
  },
  {
    name: 'the manager is rebooted while the tasks settle',
    flags: replicas,
    before: ones,
    stage: 'gate',
    befall: () => swarm.reboot('manager1'),
    verdict: ['ok', 'unchanged', 'rolled-back', 'broken'],
    after: [],
    within: 240,
  },
  {
    name: 'another manager is rebooted while the tasks settle',
    flags: replicas,
    before: ones,
    stage: 'gate',
    befall: () => swarm.reboot('manager2'),
    verdict: 'ok',
    after: twos,
    within: 200,
    long: true,
  },
]

suite('nodes go', { concurrency: 1 }, () => {
  for (const each of cases) if (whole || each.long !== true) test(each.name, () => play(each))
})

async function play(each: Case): Promise<void> {
  await using ground = await field.open('nodes')
  await ground.create('one', each.flags, each.before)
  let over = false
  const coming = reached(ground, each.stage, () => over)
  const shipped = deploy(ground, each.release ?? 'two', {
    with: { 'wait-timeout': each.patience ?? 90 },
  }).finally(() => {
    over = true
  })
  const befallen = await coming
  if (befallen) await each.befall()
  const outcome = await shipped
  const pages = await pagesOn(ground, each.without)
  try {
    await hold(ground, each, outcome, pages)
    assert.ok(befallen, `${each.stage} never came:\n${outcome.run.log}`)
  } finally {
    await each.heal?.()
    await swarm.waitUntilReady(90_000)
  }
}

const pagesOn = async (ground: Ground, without?: NodeName): Promise<string[]> =>
  (await containersOf(swarm, ground.name))
    .filter(({ node }) => node !== without)
    .map(({ page }) => page)
    .sort()

async function hold(ground: Ground, each: Case, outcome: Outcome, pages: readonly string[]): Promise<void> {
  const { run, verdict, seconds } = outcome
  const tale = `${each.name}: ${run.conclusion}, ${verdict} after ${seconds.toFixed(0)} s, ${pages.join() || 'nothing'} serves`
  process.stdout.write(`swarm: ${tale}\n`)
  const all = `${tale}\n${run.log}\n${run.post?.log ?? ''}`
  assert.ok([each.verdict].flat().includes(verdict), all)
  assert.equal(run.conclusion, verdict === 'ok' ? 'success' : 'failure', all)
  const after =
    each.after.length > 0 ? each.after : verdict === 'ok' ? twos : verdict === 'broken' ? undefined : ones
  if (after !== undefined) assert.deepEqual(pages, after, all)
  if (each.says !== undefined)
    assert.match(run.annotations.map(({ message }) => message).join('\n'), each.says)
  assert.ok(seconds < each.within, `it had ${each.within} s: ${all}`)
  await sleep(10_000)
  if (after !== undefined) assert.deepEqual(await pagesOn(ground, each.without), after, `later: ${all}`)
}
