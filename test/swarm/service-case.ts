import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../rig/until.ts'
import { type DeployOptions, deploy, type Outcome } from './deploy.ts'
import { containersOf, type Fixture, type Project, pagesOf } from './fixture.ts'
import type { Release } from './images.ts'

/** A deploy to one service, and its expected result. */
export interface ServiceCase {
  readonly name: string
  /** The options with which the service is created. Default: three replicas. */
  readonly flags?: readonly string[]
  readonly first?: Release
  /** The pages that are served before the deploy, one per container. */
  readonly before?: readonly string[]
  /** Runs when the `before` pages are served. */
  readonly prepare?: (project: Project) => Promise<unknown>
  readonly release: Release | 'foreign'
  readonly deploy?: DeployOptions
  /** Runs as soon as the service has the run's mark. */
  readonly meanwhile?: (project: Project) => Promise<unknown>
  readonly verdict: string | readonly string[]
  /** The pages that are served when the run ends, and ten seconds later. */
  readonly after: readonly string[]
  /** No container may be replaced. */
  readonly untouched?: boolean
  /** Check the pages only after ten seconds, because changes by others may still be in progress when the run ends. */
  readonly delayed?: true
  /** Expected text in the errors and warnings. */
  readonly says?: RegExp
  /** Seconds that the run may take. */
  readonly within: number
  /** Only with SWARM=long. */
  readonly long?: boolean
}

export const long = process.env['SWARM'] === 'long'

/** Returns the mark on a service: the run that updated it. */
export const markOf = ({ fixture, name }: Project, service = name): Promise<string> =>
  fixture.swarm.docker('service', 'inspect', '-f', '{{index .Spec.Labels "slipway.run"}}', service).then(
    text => text.trim(),
    () => '',
  )

/** Waits until a service has a mark other than `before`. */
async function waitForMark(project: Project, service = project.name, before = ''): Promise<void> {
  await until(
    async () => ![before, ''].includes(await markOf(project, service)) || undefined,
    () => `${service} gets no mark`,
    120_000,
  )
}

export async function runServiceCase(fixture: Fixture, each: ServiceCase): Promise<void> {
  const { flags = ['--replicas', '3'], first = 'one' } = each
  await using project = await fixture.open('service')
  const before = each.before ?? [first, first, first]
  await project.create(first, flags, before)
  await each.prepare?.(project)
  const containers = await containersOf(fixture.swarm, project.name)
  let interference: Promise<unknown> = Promise.resolve()
  if (each.meanwhile !== undefined) {
    interference = waitForMark(project).then(() => each.meanwhile?.(project))
    interference.catch(() => undefined)
  }
  const outcome = await deploy(project, each.release, each.deploy)
  await assertOutcome(fixture, project.name, outcome, each)
  await interference
  if (each.untouched === true)
    assert.deepEqual(idsOf(await containersOf(fixture.swarm, project.name)), idsOf(containers))
}

const idsOf = (containers: readonly { id: string }[]): string[] => containers.map(({ id }) => id).sort()

/** Returns the pages of a service, without those of containers that crash repeatedly or have ended. */
const steadyPages = async (fixture: Fixture, service: string): Promise<string[]> =>
  (await pagesOf(fixture.swarm, service)).filter(page => !['', 'crash', 'done', 'undone'].includes(page))

type Expected = Pick<ServiceCase, 'name' | 'verdict' | 'after' | 'delayed' | 'says' | 'within'>

/** Asserts the verdict, that it matches the served pages at once and ten seconds later, and that it came in time. */
async function assertOutcome(
  fixture: Fixture,
  service: string,
  outcome: Outcome,
  { name, verdict, after, delayed, says, within }: Expected,
): Promise<void> {
  const pages = await steadyPages(fixture, service)
  const { run } = outcome
  const summary = `${name}: ${outcome.verdict} after ${outcome.seconds.toFixed(0)} s, pages ${pages.join() || 'none'}`
  process.stdout.write(`swarm: ${summary}\n`)
  const all = `${summary}\n${run.log}\n${run.post?.log ?? ''}`
  assert.ok([verdict].flat().includes(outcome.verdict), `expected ${verdict}; ${all}`)
  assert.equal(run.conclusion, outcome.verdict === 'ok' ? 'success' : 'failure', all)
  assert.equal(run.outputs['rolled-back'] === 'true', outcome.verdict === 'rolled-back', all)
  if (delayed !== true) assert.deepEqual(pages, after.toSorted(), all)
  if (says !== undefined) assert.match(run.annotations.map(({ message }) => message).join('\n'), says, all)
  assert.ok(outcome.seconds < within, `took more than ${within} s: ${all}`)
  await sleep(10_000)
  assert.deepEqual(await steadyPages(fixture, service), after.toSorted(), `ten seconds later: ${all}`)
}
