import { announced, type Begins } from './announce.ts'
import type { FirstLook } from './build/probe.ts'
import { pushes } from './build/result.ts'
import { describePlan } from './describe.ts'
import type { Ending, Journal } from './journal.ts'
import { withOrigin } from './origin.ts'
import type { Plan } from './plan.ts'
import { produce } from './produce.ts'
import { promoteAfter } from './promote.ts'
import { getReady, type Ready, type Server } from './ready.ts'
import { rehearse } from './rehearse.ts'
import { release } from './release.ts'
import { setOutputs } from './report/outputs.ts'
import { placing } from './report/place.ts'
import type { ImageReport } from './report/report.ts'
import { standing } from './report/standing.ts'
import { checkTitle, imageTitle } from './report/titles.ts'
import type { Workshop } from './workshop.ts'
import type { World } from './world.ts'

/**
 * Carries a plan out: everything is checked before anything is built, everything is pushed before anything is changed
 * on the server, and the change there is one transaction.
 */
export async function carryOut(
  plan: Plan,
  look: FirstLook | undefined,
  world: World,
  journal: Journal,
): Promise<Ending> {
  return await placing(plan, world.context.workspace, () =>
    announced(plan, world, begins => checkAndGo(plan, look, world, journal, begins)),
  )
}

async function checkAndGo(
  plan: Plan,
  look: FirstLook | undefined,
  world: World,
  journal: Journal,
  begins: Begins,
): Promise<Ending> {
  const seen = (server: Server) => journal.note({ deploy: standing(server) })
  await using ready = await journal.stage(checkTitle, () => getReady(plan, look, world, { ...journal, seen }))
  setOutputs({ plan: JSON.stringify(describePlan(plan, ready)) })
  if (plan.dryRun) return await rehearse(plan, ready, world, journal)
  return await produceAndRelease(plan, ready, world, journal, begins)
}

async function produceAndRelease(
  plan: Plan,
  ready: Ready,
  world: World,
  journal: Journal,
  begins: Begins,
): Promise<Ending> {
  const { workshop, server } = ready
  const image = workshop && (await journal.stage(titleOf(plan), () => make(plan, workshop, world)))
  if (image !== undefined) journal.note({ image })
  begins()
  const ending = await releaseTo(server, plan, image, world, journal)
  if (workshop === undefined || image?.digest === undefined) return ending
  return await promoteAfter(ending, plan.promote, image.digest, workshop.client, world, journal)
}

const make = async (plan: Plan, workshop: Workshop, world: World): Promise<ImageReport> =>
  await withOrigin(await produce(plan, workshop, world), workshop, world)

async function releaseTo(
  server: Server | undefined,
  plan: Plan,
  image: ImageReport | undefined,
  world: World,
  journal: Journal,
): Promise<Ending> {
  if (plan.deploy !== undefined && server !== undefined)
    return await release({ ...plan, deploy: plan.deploy }, image, server, world, journal)
  if (image?.digest !== undefined) return { end: 'pushed' }
  return { end: plan.build.when === 'never' ? 'nothing' : 'built' }
}

function titleOf({ build }: Plan): string {
  const how = build.when === 'never' ? 'find' : pushes(build.result) ? 'push' : 'build'
  return imageTitle(how, build.platforms)
}
