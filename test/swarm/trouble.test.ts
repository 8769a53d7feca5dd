import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openRelay } from '../faults/relay.ts'
import { gateway } from '../rig/place.ts'
import type { RunningAction } from '../rig/runner.ts'
import { until } from '../rig/until.ts'
import { type DeployOptions, deploy, newRunId, type Outcome, verdictOf } from './deploy.ts'
import { type Ground, openField, pagesOf, serves } from './field.ts'
import { hasScripts, killScripts, reached, type Stage, stages } from './moments.ts'
import { whole } from './row.ts'

// The connection goes, the transaction is killed, the runner is lost: what is said in the end is what serves.

const field = await openField()

interface Fault {
  readonly name: string
  /** The runner does not live to say anything. */
  readonly lost?: true
  befall(ground: Ground, acting: RunningAction, cut: () => void): unknown
}

const faults = {
  cut: { name: 'the connection is cut', befall: (_, __, cut) => cut() },
  killed: { name: 'the transaction is killed', befall: killScripts },
  lost: { name: 'the runner is lost', lost: true, befall: (_, acting) => acting.loseRunner() },
  both: {
    name: 'the runner is lost and the transaction is killed',
    lost: true,
    befall: async (ground, acting) => {
      acting.loseRunner()
      await killScripts(ground)
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

suite('trouble on the way', { concurrency: 4 }, () => {
  for (const [name, stage] of whole ? every : short)
    test(`${faults[name].name} in the stage ${stage}`, () => trouble(faults[name], stage))
})

async function trouble(fault: Fault, stage: Stage): Promise<void> {
  await using ground = await field.open('trouble')
  await ground.create('one', ['--replicas', '2'], ['one', 'one'])
  const release = stage === 'rollback' ? 'crash' : 'two'
  const runId = newRunId()
  const { outcome, befallen } = await troubled(ground, fault, stage, release, runId)
  assert.ok(befallen, `${stage} never came:\n${outcome.run.log}`)
  const verdict = fault.lost ? await endOf(ground, runId) : outcome.verdict
  const pages = await settled(ground)
  process.stdout.write(
    `swarm: ${fault.name} in ${stage}: ${outcome.run.conclusion}, ${verdict} after ${outcome.seconds.toFixed(0)} s, ${pages} serves\n`,
  )
  const tale = `${verdict}, and ${pages} serves:\n${outcome.run.log}\n${outcome.run.post?.log ?? ''}`
  if (fault.lost !== true) {
    // Nobody else was there: the run has to have come to the very end.
    if (outcome.run.conclusion === 'success') assert.equal(pages, 'two,two', tale)
    else assert.equal(pages, 'one,one', tale)
    // What was killed before the service bore its mark has changed nothing; the connection alone is no reason to fail.
    if (stage !== 'rollback' && fault !== faults.killed) assert.equal(outcome.run.conclusion, 'success', tale)
    assert.equal(outcome.run.outputs['rolled-back'] === 'true', verdict === 'rolled-back', tale)
    assert.ok(outcome.seconds < 200, `${outcome.seconds} s: ${tale}`)
  }
  if (verdict === 'ok') assert.equal(pages, 'two,two', tale)
  if (verdict === 'rolled-back' || verdict === 'unchanged') assert.equal(pages, 'one,one', tale)
  // Whatever was left half-way, the next one puts in order.
  if (verdict === 'ok' && !whole) return
  const next = await deploy(ground, 'three')
  assert.equal(next.verdict, 'ok', next.run.log)
  assert.equal(await settled(ground), 'three,three', next.run.log)
}

async function troubled(
  ground: Ground,
  fault: Fault,
  stage: Stage,
  release: 'two' | 'crash',
  runId: string,
): Promise<{ outcome: Outcome; befallen: boolean }> {
  const manager = field.swarm.node('manager1')
  const address = gateway(field.all.place)
  await using relay = await openRelay({ address, target: () => ({ host: manager.address, port: 22 }) })
  const known = manager.hostKeys.map(({ line }) => line.replace(/^\S+/, `[${address}]:${relay.port}`))
  const inputs = {
    ...(await asked(ground, stage)),
    'ssh-host': `deploy@${address}`,
    'ssh-port': relay.port,
    'ssh-known-hosts': known.join('\n'),
  }
  const heard = Promise.withResolvers<RunningAction>()
  let over = false
  const options: DeployOptions = { with: inputs, runId, onLine: (_, acting) => heard.resolve(acting) }
  const coming = reached(ground, stage, () => over)
  const shipped = deploy(ground, release, options).finally(() => {
    over = true
  })
  const acting = await heard.promise
  const befallen = await coming
  if (befallen) await fault.befall(ground, acting, () => relay.cut('RST'))
  return { outcome: await shipped, befallen }
}

/** What a deploy has to be asked for so that it comes to a stage. */
async function asked(ground: Ground, stage: Stage): Promise<DeployOptions['with']> {
  if (stage === 'check' || stage === 'bring') return { env: 'ADDED=yes' }
  if (stage !== 'choose') return {}
  // The history has the release, and another one serves.
  const { verdict, run } = await deploy(ground, 'two')
  assert.equal(verdict, 'ok', run.log)
  const { repository } = field.images
  await ground.sh(`docker service update -d -q --with-registry-auth --image ${repository}:one ${ground.name}`)
  await serves(field.swarm, ground.name, ['one', 'one'])
  return { 'rollback-to': 'previous' }
}

/** The verdict of a run whose runner is gone: at once when its script is gone as well, else once it has come to it. */
async function endOf(ground: Ground, runId: string): Promise<string> {
  await until(
    async () => (await verdictOf(ground, runId)) !== 'refused' || !(await hasScripts(ground)) || undefined,
    () => 'the transaction does not end',
    200_000,
  )
  return await verdictOf(ground, runId)
}

/** What is served once it does not change any more. */
async function settled(ground: Ground): Promise<string> {
  let last = ''
  for (let same = 0; same < 4; ) {
    const pages = (await pagesOf(field.swarm, ground.name)).join()
    same = pages === last ? same + 1 : 0
    last = pages
    await sleep(1500)
  }
  return last
}
