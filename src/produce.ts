import { type Built, build } from './build/build.ts'
import type { BuildPlan } from './build/plan.ts'
import { metadataOutputs } from './image/meta.ts'
import type { ImagePlan } from './image/plan.ts'
import { parseReference, repositoryName } from './image/reference.ts'
import type { Plan } from './plan.ts'
import type { Ready } from './ready.ts'
import { setOutputs } from './report/outputs.ts'
import type { ImageReport } from './report/report.ts'

/** Builds the image, pushes it, and makes sure that each tag of the registry has what was pushed. */
export async function produce({ image, build: plan }: Plan, { workshop }: Ready): Promise<ImageReport> {
  setOutputs(metadataOutputs(image, exportsIndex(plan)))
  const built = await build(workshop.world, { plan, image, builder: workshop.builder })
  const report = reportOf(image, plan, built)
  setOutputs({
    ...(report.digest === undefined
      ? {}
      : { image: `${report.repository}@${report.digest}`, digest: report.digest }),
    imageid: built.imageId ?? '',
    metadata: JSON.stringify(built.raw),
  })
  return report
}

const exportsIndex = ({ platforms, attests }: BuildPlan): boolean =>
  platforms.length > 1 || attests.length > 0

function reportOf({ tags }: ImagePlan, { platforms }: BuildPlan, { digest, pushed }: Built): ImageReport {
  const first = parseReference(tags[0] ?? '')
  return {
    repository: 'reason' in first ? '' : repositoryName(first),
    ...(pushed && digest !== undefined ? { digest } : {}),
    tags,
    platforms: platforms.map(platform => ({ platform })),
  }
}
