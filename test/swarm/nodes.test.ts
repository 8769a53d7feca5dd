import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { NodeName } from '../rig/swarm.ts'
import { deploy, type Outcome } from './deploy.ts'
import { containersOf, openFixture, type Project } from './fixture.ts'
import { reached, type Stage } from './moments.ts'
import { long } from './service-case.ts'

// Nodes fail during a deploy. The tests run one after another, because each disturbs the whole swarm.

const fixture = await openFixture()
const { swarm } = fixture

interface Case {
  readonly name: string
  readonly flags: readonly string[]
  readonly before: readonly string[]
  readonly stage: Stage
  readonly release?: 'two' | 'crash'
  inject(): Promise<unknown>
  /** Repairs the swarm. */
  repair?(): Promise<unknown>
  readonly verdict: string | readonly string[]
  /** The pages that are served afterwards. If empty, they follow from the verdict. */
  readonly after: readonly string[]
  /** A node whose containers are ignored. */
  readonly without?: NodeName
  readonly says?: RegExp
  /** The input `wait-timeout`, in seconds. Default: 90. */
  readonly waitTimeout?: number
  /** Seconds that the run may take. */
  readonly within: number
  readonly long?: true
}

const replicas = ['--replicas', '3']
const global = ['--mode', 'global']
const ones = ['one', 'one', 'one']
const twos = ['two', 'two', 'two']

const cases: readonly Case[] = [
  // Docker's own client never returns.
  {
    name: 'a node of a global service fails',
    flags: global,
    before: [...ones, 'one'],
    stage: 'apply',
    inject: () => swarm.plug('worker', 'out'),
    repair: () => swarm.plug('worker', 'in'),
    // Swarm updates the nodes in any order. If the dead one is the first, the others are never updated.
    verdict: ['ok', 'rolled-back'],
    after: [],
    without: 'worker',
    waitTimeout: 45,
    within: 160,
  },
  // Docker's own client exits with 1, but the update completes.
  {
    name: 'the quorum is lost for 25 seconds',
    flags: replicas,
    before: ones,
    stage: 'gate',
    async inject() {
      await Promise.all([swarm.plug('manager2', 'out'), swarm.plug('manager3', 'out')])
      await sleep(25_000)
      await Promise.all([swarm.plug('manager2', 'in'), swarm.plug('manager3', 'in')])
    },
    verdict: 'ok',
    after: twos,
    within: 200,
  },
  {
    name: 'the engine of the manager is restarted during the gate',
    flags: replicas,
    before: ones,
    stage: 'gate',
    async inject() {
      await swarm.node('manager1').stopEngine('KILL')
      await swarm.node('manager1').startEngine()
    },
    // The engine's tasks die with it, which may make Swarm pause the update.
    verdict: ['ok', 'rolled-back'],
    after: [],
    within: 200,
    long: true,
  },
  {
    name: 'the engine of the manager is restarted while the update is applied',
    flags: replicas,
    before: ones,
    stage: 'apply',
    async inject() {
      await swarm.node('manager1').stopEngine('KILL')
      await swarm.node('manager1').startEngine()
    },
    verdict: ['ok', 'unchanged', 'rolled-back'],
    after: [],
    within: 240,
    long: true,
  },
  {
    name: 'the engine of the manager is restarted during a rollback',
    flags: replicas,
    before: ones,
    stage: 'rollback',
    release: 'crash',
    async inject() {
      await swarm.node('manager1').stopEngine('KILL')
      await swarm.node('manager1').startEngine()
    },
    verdict: 'rolled-back',
    after: ones,
    within: 240,
    long: true,
  },
  {
    name: 'the manager is rebooted during the gate',
    flags: replicas,
    before: ones,
    stage: 'gate',
    inject: () => swarm.reboot('manager1'),
    verdict: ['ok', 'unchanged', 'rolled-back', 'broken'],
    after: [],
    within: 240,
  },
  {
    name: 'another manager is rebooted during the gate',
    flags: replicas,
    before: ones,
    stage: 'gate',
    inject: () => swarm.reboot('manager2'),
    verdict: 'ok',
    after: twos,
    within: 200,
    long: true,
  },
]

suite('nodes fail', { concurrency: 1 }, () => {
  for (const each of cases) if (long || each.long !== true) test(each.name, () => runCase(each))
})

async function runCase(each: Case): Promise<void> {
  await using project = await fixture.open('nodes')
  await project.create('one', each.flags, each.before)
  let finished = false
  const reaching = reached(project, each.stage, () => finished)
  const ended = deploy(project, each.release ?? 'two', {
    with: { 'wait-timeout': each.waitTimeout ?? 90 },
  }).finally(() => {
    finished = true
  })
  const injected = await reaching
  if (injected) await each.inject()
  const outcome = await ended
  const pages = await pagesOn(project, each.without)
  try {
    await assertOutcome(project, each, outcome, pages)
    assert.ok(injected, `the deploy did not reach ${each.stage}:\n${outcome.run.log}`)
  } finally {
    await each.repair?.()
    await swarm.waitUntilReady(90_000)
  }
}

const pagesOn = async (project: Project, without?: NodeName): Promise<string[]> =>
  (await containersOf(swarm, project.name))
    .filter(({ node }) => node !== without)
    .map(({ page }) => page)
    .filter(page => page !== '')
    .sort()

async function assertOutcome(
  project: Project,
  each: Case,
  outcome: Outcome,
  pages: readonly string[],
): Promise<void> {
  const { run, verdict, seconds } = outcome
  const summary = `${each.name}: ${run.conclusion}, ${verdict} after ${seconds.toFixed(0)} s, pages ${pages.join() || 'none'}`
  process.stdout.write(`swarm: ${summary}\n`)
  const all = `${summary}\n${run.log}\n${run.post?.log ?? ''}`
  assert.ok([each.verdict].flat().includes(verdict), all)
  assert.equal(run.conclusion, verdict === 'ok' ? 'success' : 'failure', all)
  const after =
    each.after.length > 0 ? each.after : verdict === 'ok' ? twos : verdict === 'broken' ? undefined : ones
  if (after !== undefined) assert.deepEqual(pages, after, all)
  if (each.says !== undefined)
    assert.match(run.annotations.map(({ message }) => message).join('\n'), each.says)
  assert.ok(seconds < each.within, `took more than ${each.within} s: ${all}`)
  await sleep(10_000)
  if (after !== undefined)
    assert.deepEqual(await pagesOn(project, each.without), after, `ten seconds later: ${all}`)
}
