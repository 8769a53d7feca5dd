import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openRelay } from '../faults/relay.ts'
import { gateway } from '../rig/place.ts'
import type { RunningAction } from '../rig/runner.ts'
import { until } from '../rig/until.ts'
import { type DeployOptions, deploy, newRunId, type Outcome, verdictOf } from './deploy.ts'
import { openFixture, type Project, pagesOf, waitForPages } from './fixture.ts'
import { hasScripts, killScripts, reached, type Stage, stages } from './moments.ts'
import { long } from './service-case.ts'

// The connection drops, the transaction is killed, or the runner is lost: the final verdict matches the served release.

const fixture = await openFixture()

interface Fault {
  readonly name: string
  /** The runner is lost, so the run does not report a result. */
  readonly lost?: true
  /** Returns an empty string if there was nothing to inject it into. */
  inject(project: Project, action: RunningAction, cut: () => void): unknown
}

const faults = {
  cut: { name: 'the connection drops', inject: (_, __, cut) => cut() },
  killed: { name: 'the transaction is killed', inject: killScripts },
  lost: { name: 'the runner is lost', lost: true, inject: (_, action) => action.loseRunner() },
  both: {
    name: 'the runner is lost and the transaction is killed',
    lost: true,
    inject: async (project, action) => {
      action.loseRunner()
      return await killScripts(project)
    },
  },
} as const satisfies Record<string, Fault>

const short: readonly [keyof typeof faults, Stage][] = [
  ['cut', 'rollback'],
  ['killed', 'gate'],
  ['killed', 'rollback'],
  ['both', 'gate'],
]
const every = (Object.keys(faults) as (keyof typeof faults)[]).flatMap(fault =>
  ([...stages, 'rollback'] as const).map(stage => [fault, stage] as const),
)

suite('faults during a deploy', { concurrency: 4 }, () => {
  for (const [name, stage] of long ? every : short)
    test(`${faults[name].name} in the stage ${stage}`, () => runCase(faults[name], stage))
})

async function runCase(fault: Fault, stage: Stage): Promise<void> {
  await using project = await fixture.open('fault')
  await project.create('one', ['--replicas', '2'], ['one', 'one'])
  const release = stage === 'rollback' ? 'crash' : 'two'
  const runId = newRunId()
  const { outcome, injected, missed } = await deployWithFault(project, fault, stage, release, runId)
  assert.ok(injected, `the deploy did not reach ${stage}:\n${outcome.run.log}`)
  // Some stages of the long form are over in an instant.
  assert.ok(!missed || long, `no script was killed in ${stage}:\n${outcome.run.log}`)
  const verdict = fault.lost ? await waitForVerdict(project, runId) : outcome.verdict
  const pages = await settledPages(project)
  process.stdout.write(
    `swarm: ${fault.name} in ${stage}${missed ? ' (missed)' : ''}: ${outcome.run.conclusion}, ${verdict} after ${outcome.seconds.toFixed(0)} s, pages ${pages}\n`,
  )
  const all = `${verdict}, pages ${pages}:\n${outcome.run.log}\n${outcome.run.post?.log ?? ''}`
  if (fault.lost !== true) {
    // No other run settles the deploy, so this run must have finished it.
    if (outcome.run.conclusion === 'success') assert.equal(pages, 'two,two', all)
    else assert.equal(pages, 'one,one', all)
    // A run that was killed before it marked the service has changed nothing. A dropped connection must not fail a run.
    if (stage !== 'rollback' && fault !== faults.killed) assert.equal(outcome.run.conclusion, 'success', all)
    assert.equal(outcome.run.outputs['rolled-back'] === 'true', verdict === 'rolled-back', all)
    assert.ok(outcome.seconds < 200, `${outcome.seconds} s: ${all}`)
  }
  if (verdict === 'ok') assert.equal(pages, 'two,two', all)
  if (verdict === 'rolled-back' || verdict === 'unchanged') assert.equal(pages, 'one,one', all)
  // The next deploy settles whatever was left unfinished.
  if (verdict === 'ok' && !long) return
  const next = await deploy(project, 'three')
  assert.equal(next.verdict, 'ok', next.run.log)
  assert.equal(await settledPages(project), 'three,three', next.run.log)
}

/** Deploys a release through a relay, and injects the fault when the deploy reaches the stage. */
async function deployWithFault(
  project: Project,
  fault: Fault,
  stage: Stage,
  release: 'two' | 'crash',
  runId: string,
): Promise<{ outcome: Outcome; injected: boolean; missed: boolean }> {
  const manager = fixture.swarm.node('manager1')
  const address = gateway(fixture.all.place)
  await using relay = await openRelay({ address, target: () => ({ host: manager.address, port: 22 }) })
  const knownHosts = manager.hostKeys.map(({ line }) => line.replace(/^\S+/, `[${address}]:${relay.port}`))
  const inputs = {
    ...(await inputsFor(project, stage)),
    'ssh-host': `deploy@${address}`,
    'ssh-port': relay.port,
    'ssh-known-hosts': knownHosts.join('\n'),
  }
  const started = Promise.withResolvers<RunningAction>()
  let finished = false
  const options: DeployOptions = { with: inputs, runId, onLine: (_, action) => started.resolve(action) }
  const reaching = reached(project, stage, () => finished)
  const ended = deploy(project, release, options).finally(() => {
    finished = true
  })
  const action = await started.promise
  const injected = await reaching
  const missed = injected && (await fault.inject(project, action, () => relay.cut('RST'))) === ''
  return { outcome: await ended, injected, missed }
}

/** Returns the inputs with which a deploy reaches a stage, after preparing the service for them. */
async function inputsFor(project: Project, stage: Stage): Promise<DeployOptions['with']> {
  if (stage === 'check' || stage === 'bring') return { env: 'ADDED=yes' }
  if (stage !== 'choose') return {}
  // `rollback-to` needs a release in the history that does not run.
  const { verdict, run } = await deploy(project, 'two')
  assert.equal(verdict, 'ok', run.log)
  const { repository } = fixture.images
  await project.sh(
    `docker service update -d -q --with-registry-auth --image ${repository}:one ${project.name}`,
  )
  await waitForPages(fixture.swarm, project.name, ['one', 'one'])
  return { 'rollback-to': 'previous' }
}

/** Returns the verdict of a run whose runner was lost. Waits until there is one, or until its script has ended. */
async function waitForVerdict(project: Project, runId: string): Promise<string> {
  await until(
    async () => (await verdictOf(project, runId)) !== 'refused' || !(await hasScripts(project)) || undefined,
    () => 'the transaction does not end',
    200_000,
  )
  return await verdictOf(project, runId)
}

/** Returns the served pages when they have stopped changing. */
async function settledPages(project: Project): Promise<string> {
  let last = ''
  for (let same = 0; same < 4; ) {
    const pages = (await pagesOf(fixture.swarm, project.name)).join()
    same = pages === last ? same + 1 : 0
    last = pages
    await sleep(1500)
  }
  return last
}
