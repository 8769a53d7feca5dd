import { pushes } from './buildx/result.ts'
import { Failure } from './core/errors.ts'
import type { Runtime } from './core/runtime.ts'
import type { EarlyProbe } from './docker/probe.ts'
import { printPlan } from './dry-run.ts'
import type { Plan } from './plan/plan.ts'
import { describePlan } from './preflight/describe.ts'
import { type Resources, runPreflight, type Server } from './preflight/preflight.ts'
import type { Publisher } from './preflight/publisher.ts'
import { withCommit } from './publish/existing.ts'
import { promoteAfter } from './publish/promote.ts'
import { publish } from './publish/publish.ts'
import { release } from './release.ts'
import { annotated } from './report/annotate.ts'
import { checkedLine } from './report/checked.ts'
import { type OnReleaseStart, withDeployment } from './report/deployment-status.ts'
import type { Ending, Journal } from './report/journal.ts'
import { setOutputs } from './report/outputs.ts'
import type { ImageReport } from './report/report.ts'
import { checkTitle, imageTitle } from './report/titles.ts'
import { unchangedReport } from './report/unchanged.ts'

/**
 * Runs a plan: checks everything before it builds, pushes everything before it changes the server, and changes the
 * server in one transaction.
 */
export async function runPlan(
  plan: Plan,
  earlyProbe: EarlyProbe | undefined,
  runtime: Runtime,
  journal: Journal,
): Promise<Ending> {
  return await annotated(plan, runtime.context.workspace, () =>
    withDeployment(plan, runtime, onReleaseStart =>
      checkAndRun(plan, earlyProbe, runtime, journal, onReleaseStart),
    ),
  )
}

async function checkAndRun(
  plan: Plan,
  earlyProbe: EarlyProbe | undefined,
  runtime: Runtime,
  journal: Journal,
  onReleaseStart: OnReleaseStart,
): Promise<Ending> {
  const seen = (server: Server) => journal.note({ deploy: unchangedReport(server) })
  const checked = await journal
    .stage(checkTitle, async () => {
      const resources = await runPreflight(plan, earlyProbe, runtime, { ...journal, seen })
      runtime.log.line(checkedLine(plan, resources))
      return resources
    })
    .catch(onlySuperseded)
  if (checked instanceof Failure) return { end: 'superseded', failure: checked }
  await using resources = checked
  setOutputs({ plan: JSON.stringify(describePlan(plan, resources)) })
  if (plan.dryRun) return await printPlan(plan, resources, runtime, journal)
  return await publishAndRelease(plan, resources, runtime, journal, onReleaseStart)
}

/**
 * Returns the error if a newer run has overtaken this one and nothing else is wrong; throws it otherwise. An overtaken
 * run is not a failed deployment: the newer deployment stays active.
 */
function onlySuperseded(error: unknown): Failure {
  if (error instanceof Failure && error.problems.every(({ code }) => code === 'superseded')) return error
  throw error
}

async function publishAndRelease(
  plan: Plan,
  resources: Resources,
  runtime: Runtime,
  journal: Journal,
  onReleaseStart: OnReleaseStart,
): Promise<Ending> {
  const { publisher, server } = resources
  const image =
    publisher && plan.publishes
      ? await journal.stage(titleOf(plan), () => publishImage(plan, publisher, runtime))
      : undefined
  if (image !== undefined) journal.note({ image })
  onReleaseStart()
  const ending = await releaseTo(server, plan, image, runtime, journal, publisher)
  if (publisher === undefined || image?.digest === undefined) return ending
  return await promoteAfter(ending, plan.promote, image.digest, publisher.client, runtime, journal)
}

const publishImage = async (plan: Plan, publisher: Publisher, runtime: Runtime): Promise<ImageReport> =>
  await withCommit(await publish(plan, publisher, runtime), plan, publisher, runtime)

async function releaseTo(
  server: Server | undefined,
  plan: Plan,
  image: ImageReport | undefined,
  runtime: Runtime,
  journal: Journal,
  publisher: Publisher | undefined,
): Promise<Ending> {
  if (plan.deploy !== undefined && server !== undefined)
    return await release({ ...plan, deploy: plan.deploy }, image, server, runtime, journal, publisher)
  if (image?.digest !== undefined) return { end: 'pushed' }
  return { end: plan.build.when === 'never' || plan.rollsBack ? 'nothing' : 'built' }
}

function titleOf({ build }: Plan): string {
  const how = build.when === 'never' ? 'find' : pushes(build.result) ? 'push' : 'build'
  return imageTitle(how, build.platforms)
}
