import { announced } from './announce.ts'
import { pushes } from './build/result.ts'
import { describePlan } from './describe.ts'
import type { Ending, Journal } from './journal.ts'
import type { Plan } from './plan.ts'
import { produce } from './produce.ts'
import { promote } from './promote.ts'
import { getReady, type Ready, type Server } from './ready.ts'
import { rehearse } from './rehearse.ts'
import { release } from './release.ts'
import { setOutputs } from './report/outputs.ts'
import type { End, ImageReport } from './report/report.ts'
import type { Workshop } from './workshop.ts'
import type { World } from './world.ts'

/**
 * Carries a plan out: everything is checked before anything is built, everything is pushed before anything is changed
 * on the server, and the change there is one transaction.
 */
export async function carryOut(plan: Plan, world: World, journal: Journal): Promise<Ending> {
  await using ready = await journal.stage('Check everything first', () => getReady(plan, world, journal.warn))
  setOutputs({ plan: JSON.stringify(describePlan(plan, ready)) })
  if (plan.dryRun) return await rehearse(plan, ready, world, journal)
  return await announced(plan, world, () => produceAndRelease(plan, ready, world, journal))
}

async function produceAndRelease(plan: Plan, ready: Ready, world: World, journal: Journal): Promise<Ending> {
  const { workshop, server } = ready
  const image = workshop && (await journal.stage(imageTitle(plan), () => produce(plan, workshop, world)))
  if (image !== undefined) journal.note({ image })
  const ending = await releaseTo(server, plan, image, world, journal)
  if (good(ending.end) && workshop !== undefined && image?.digest !== undefined)
    await promoteTo(image.digest, plan, workshop, world, journal)
  return ending
}

async function releaseTo(
  server: Server | undefined,
  plan: Plan,
  image: ImageReport | undefined,
  world: World,
  journal: Journal,
): Promise<Ending> {
  if (plan.deploy !== undefined && server !== undefined)
    return await release({ ...plan, deploy: plan.deploy }, image, server, world, journal)
  return { end: image?.digest === undefined ? 'built' : 'pushed' }
}

async function promoteTo(digest: string, plan: Plan, { client }: Workshop, world: World, journal: Journal) {
  if (plan.promote.length === 0) return
  const title = `Promote to ${plan.promote.map(({ tag }) => tag).join(' and ')}`
  await journal.stage(title, () => promote(plan.promote, digest, client, world.log))
}

const good = (end: End): boolean => end === 'released' || end === 'pushed'

function imageTitle({ build }: Plan): string {
  if (build.when === 'never') return 'Find the image in the registry'
  const verbs = pushes(build.result) ? 'Build and push' : 'Build'
  return build.platforms.length === 0 ? `${verbs} the image` : `${verbs} for ${build.platforms.join(' and ')}`
}
