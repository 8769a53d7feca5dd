import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../rig/until.ts'
import { type DeployOptions, deploy, type Outcome } from './deploy.ts'
import { containersOf, type Field, type Ground, pagesOf } from './field.ts'
import type { Kind } from './images.ts'

/** A deploy to one service, and what has to come of it. */
export interface Row {
  readonly name: string
  /** How the service is created; three replicas when nothing is said. */
  readonly flags?: readonly string[]
  readonly first?: Kind
  /** What serves before: a page for each container. */
  readonly before?: readonly string[]
  /** Done once that serves. */
  readonly prepare?: (ground: Ground) => Promise<unknown>
  readonly release: Kind | 'foreign'
  readonly deploy?: DeployOptions
  /** Done from when the service bears the run's mark. */
  readonly meanwhile?: (ground: Ground) => Promise<unknown>
  readonly verdict: string | readonly string[]
  /** What serves when the run ends, and ten seconds later. */
  readonly after: readonly string[]
  /** Whether no container was touched. */
  readonly untouched?: boolean
  /** What others have done may still be on its way when the run ends: asked ten seconds later only. */
  readonly underWay?: true
  /** What its errors and warnings say. */
  readonly says?: RegExp
  /** Seconds that the run may take. */
  readonly within: number
  /** Only with SWARM=long. */
  readonly long?: boolean
}

export const whole = process.env['SWARM'] === 'long'

/** The mark of the run that a service runs by. */
export const markOf = ({ field, name }: Ground, service = name): Promise<string> =>
  field.swarm.docker('service', 'inspect', '-f', '{{index .Spec.Labels "slipway.run"}}', service).then(
    text => text.trim(),
    () => '',
  )

/** Waits until a service bears a mark, other than the one that it has. */
export async function marked(ground: Ground, service = ground.name, before = ''): Promise<void> {
  await until(
    async () => ![before, ''].includes(await markOf(ground, service)) || undefined,
    () => `${service} is never marked`,
    120_000,
  )
}

export async function play(field: Field, row: Row): Promise<void> {
  const { flags = ['--replicas', '3'], first = 'one' } = row
  await using ground = await field.open('row')
  const before = row.before ?? [first, first, first]
  await ground.create(first, flags, before)
  await row.prepare?.(ground)
  const containers = await containersOf(field.swarm, ground.name)
  let trouble: Promise<unknown> = Promise.resolve()
  if (row.meanwhile !== undefined) {
    trouble = marked(ground).then(() => row.meanwhile?.(ground))
    trouble.catch(() => undefined)
  }
  const outcome = await deploy(ground, row.release, row.deploy)
  await holds(field, ground.name, outcome, row)
  await trouble
  if (row.untouched === true)
    assert.deepEqual(idsOf(await containersOf(field.swarm, ground.name)), idsOf(containers))
}

const idsOf = (containers: readonly { id: string }[]): string[] => containers.map(({ id }) => id).sort()

/** Without those that end before they could be asked: what crashes again and again serves nobody. */
const steadyPages = async (field: Field, service: string): Promise<string[]> =>
  (await pagesOf(field.swarm, service)).filter(page => !['', 'crash', 'done', 'undone'].includes(page))

type Expected = Pick<Row, 'name' | 'verdict' | 'after' | 'underWay' | 'says' | 'within'>

/** The verdict is the truth, right away and ten seconds later; and it came in time. */
export async function holds(
  field: Field,
  service: string,
  outcome: Outcome,
  { name, verdict, after, underWay, says, within }: Expected,
): Promise<void> {
  const at = await steadyPages(field, service)
  const { run } = outcome
  const tale = `${name}: ${outcome.verdict} after ${outcome.seconds.toFixed(0)} s, ${at.join() || 'nothing'} serves`
  process.stdout.write(`swarm: ${tale}\n`)
  const all = `${tale}\n${run.log}\n${run.post?.log ?? ''}`
  assert.ok([verdict].flat().includes(outcome.verdict), `expected ${verdict}; ${all}`)
  assert.equal(run.conclusion, outcome.verdict === 'ok' ? 'success' : 'failure', all)
  assert.equal(run.outputs['rolled-back'] === 'true', outcome.verdict === 'rolled-back', all)
  if (underWay !== true) assert.deepEqual(at, after.toSorted(), all)
  if (says !== undefined) assert.match(run.annotations.map(({ message }) => message).join('\n'), says, all)
  assert.ok(outcome.seconds < within, `it had ${within} s: ${all}`)
  await sleep(10_000)
  assert.deepEqual(await steadyPages(field, service), after.toSorted(), `ten seconds later: ${all}`)
}
