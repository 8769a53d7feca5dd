import * as core from '@actions/core'
import { build } from './build/build.ts'
import { exportsIndex } from './build/command.ts'
import { pushes } from './build/result.ts'
import { Failure } from './errors.ts'
import type { Context } from './github/context.ts'
import { trustOf } from './github/trust.ts'
import { type MetadataOutputs, metadataOutputs, metadataVariables } from './image/meta.ts'
import type { ImagePlan } from './image/plan.ts'
import {
  familiar,
  formatReference,
  parseReference,
  type Reference,
  repositoryName,
} from './image/reference.ts'
import type { Log } from './log.ts'
import type { Plan } from './plan.ts'
import { NoAnswer } from './registry/insist.ts'
import { digestOf, platformsOf } from './registry/manifest.ts'
import { requireEverywhere, verifyTags } from './registry/tags.ts'
import { setOutputs } from './report/outputs.ts'
import type { ImageReport } from './report/report.ts'
import { together } from './stages.ts'
import type { Bench, Workshop } from './workshop.ts'
import type { World } from './world.ts'

/** Makes the image, or finds it in the registry, and makes sure that each tag there stands for it. */
export async function produce(plan: Plan, workshop: Workshop, world: World): Promise<ImageReport> {
  const outputs = namesOf(plan)
  setOutputs(outputs)
  for (const [name, value] of Object.entries(metadataVariables(outputs, world.env)))
    core.exportVariable(name, value)
  const { bench } = workshop
  const digest =
    bench === undefined ? (await foundImage(plan, workshop, world)).digest : await make(plan, bench)
  if (digest === undefined)
    return imageReport(
      plan.image,
      undefined,
      plan.build.platforms.map(platform => ({ platform })),
    )
  const tags = plan.retag ? references(plan.image) : []
  if (bench === undefined) await requireEverywhere(workshop.client, tags, digest)
  const [report] = await together([
    describe(plan.image, digest, workshop),
    verify(tags, digest, workshop, world.log),
  ])
  return report
}

/** docker may reach a registry that this process does not: what was pushed is then known by its digest alone. */
async function verify(tags: Reference[], digest: string, { client }: Workshop, log: Log): Promise<void> {
  const moved = await verifyTags(client, tags, digest).catch((error: unknown) => {
    if (!(error instanceof NoAnswer)) throw error
    log.warning(`Nobody could say whether each tag stands for ${digest}: ${error.reason}.`)
    return []
  })
  for (const { tag, before } of moved)
    log.line(`Moved ${familiar(tag)} from ${before ?? 'nothing'} to ${digest}.`)
}

/** What the image is called: known before it is built. */
export const namesOf = ({ image, build: plan }: Plan): MetadataOutputs =>
  metadataOutputs(image, exportsIndex(plan))

const references = ({ tags }: ImagePlan): Reference[] =>
  tags.map(parseReference).filter((each): each is Reference => 'registry' in each)

/** Builds and pushes; undefined when nothing was pushed. */
async function make({ image, build: plan }: Plan, { world, builder }: Bench): Promise<string | undefined> {
  const built = await build(world, { plan, image, builder })
  setOutputs({ imageid: built.imageId ?? '', metadata: JSON.stringify(built.raw) })
  return built.pushed ? built.digest : undefined
}

/** The image that is not built, as it is in the registry: this commit's own, or what the tags name. */
export async function foundImage(plan: Plan, workshop: Workshop, { log, context }: World) {
  const { repository } = imageReport(plan.image, undefined, [])
  const { reused } = workshop
  if (reused !== undefined) log.line(`This commit was built before: ${reused} is used again.`)
  const name = nameOf(plan.image)
  const digest = reused ?? (await find(name, workshop))
  if (digest !== undefined) return { repository, digest }
  if (!isOfNoUse(plan, context)) throw absent(name)
  log.notice(`\`${shown(name)}\` is not in the registry, or not for this run to see: there is nothing to do.`)
  return { repository, digest }
}

/** A run of strangers changes nothing: where they cannot see the image, or it is not there yet, nothing is amiss. */
const isOfNoUse = ({ build, deploy }: Plan, context: Context): boolean =>
  trustOf(context) !== 'own' && deploy === undefined && !pushes(build.result)

/** What names the image that is there already: its digest, else its first tag. */
function nameOf({ tags, images }: ImagePlan): Reference | undefined {
  const named = images.find(({ reference }) => reference.digest !== undefined)?.reference
  const first = parseReference(tags[0] ?? '')
  return named ?? ('reason' in first ? undefined : first)
}

async function find(name: Reference | undefined, { client }: Workshop): Promise<string | undefined> {
  return name && (await digestOf(client, name))
}

const shown = (name: Reference | undefined): string => (name === undefined ? '' : formatReference(name))

const absent = (name: Reference | undefined): Failure =>
  new Failure('build', {
    input: 'build',
    cause: `\`build\` is \`false\`, and \`${shown(name)}\` is not in the registry.`,
    remedy: 'Name an image that was pushed, by `image` and `tags`, or let it be built.',
  })

/** What the registry has now; sizes are for the report alone, so one that does not say them is no reason to stop. */
async function describe(
  image: ImagePlan,
  digest: string,
  { client, before }: Workshop,
): Promise<ImageReport> {
  const [first] = [...references(image), ...image.images.map(({ reference }) => reference)]
  const found = first === undefined ? [] : await platformsOf(client, { ...first, digest }).catch(() => [])
  const former = await before
  const platforms = found.map(({ platform, size }) => {
    const last = former.find(each => each.platform === platform)?.size
    return { platform, size, ...(last === undefined ? {} : { before: last }) }
  })
  const report = imageReport(image, digest, platforms)
  setOutputs({ image: `${report.repository}@${digest}`, digest })
  return report
}

function imageReport(
  { tags, images }: ImagePlan,
  digest: string | undefined,
  platforms: ImageReport['platforms'],
): ImageReport {
  const named = parseReference(tags[0] ?? '')
  const first = 'reason' in named ? images[0]?.reference : named
  return {
    repository: first === undefined ? '' : repositoryName(first),
    ...(digest === undefined ? {} : { digest }),
    tags,
    platforms,
  }
}
