import * as core from '@actions/core'
import { build } from '../buildx/build.ts'
import { exportsIndex } from '../buildx/command.ts'
import type { Log } from '../core/log.ts'
import type { Environment, Runtime } from '../core/runtime.ts'
import { waitForAll } from '../core/stages.ts'
import type { Digest } from '../image/digest.ts'
import { type MetadataOutputs, metadataOutputs, metadataVariables } from '../image/meta.ts'
import type { ImagePlan } from '../image/plan.ts'
import { familiar, parseReference, type Reference } from '../image/reference.ts'
import type { Plan } from '../plan/plan.ts'
import type { Publisher, PublisherBuilder } from '../preflight/publisher.ts'
import { platformsOf } from '../registry/manifest.ts'
import { moveTags, requireDigest, verifyTags } from '../registry/tags.ts'
import { imageReport } from '../report/image.ts'
import { setOutputs } from '../report/outputs.ts'
import type { ImageReport } from '../report/report.ts'
import { findImage } from './existing.ts'

/** Builds the image or finds it in the registry, and makes sure that each tag points to it. */
export async function publish(plan: Plan, publisher: Publisher, runtime: Runtime): Promise<ImageReport> {
  const outputs = namesOf(plan)
  setOutputs(outputs)
  const variables = metadataVariables(outputs, runtime.env)
  for (const [name, value] of Object.entries(variables)) core.exportVariable(name, value)
  const { builder } = publisher
  const digest =
    builder === undefined
      ? (await findImage(plan, publisher, runtime)).digest
      : await buildAndPush(plan, builder, variables)
  if (digest === undefined)
    return imageReport(
      plan.image,
      undefined,
      plan.build.platforms.map(platform => ({ platform })),
    )
  const tags = plan.retag ? references(plan.image) : []
  if (builder === undefined) await requireDigest(publisher.client, tags, digest)
  const [report] = await waitForAll([
    describe(plan.image, digest, publisher),
    updateTags(tags, digest, publisher, runtime.log),
  ])
  return report
}

/**
 * Verifies the tags of a pushed image, or moves them to an existing image. A tag that cannot be read back only warns,
 * because Slipway deploys by digest.
 */
async function updateTags(
  tags: Reference[],
  digest: Digest,
  { client, builder }: Publisher,
  log: Log,
): Promise<void> {
  const update = builder === undefined ? moveTags : verifyTags
  for (const change of await update(client, tags, digest)) {
    const tag = familiar(change.tag)
    if (change.kind === 'moved') log.line(`Moved ${tag} from ${change.before ?? 'nothing'} to ${digest}.`)
    else log.warning(`Could not verify that ${tag} points to ${digest}: ${change.why}.`)
  }
}

/** Returns the outputs with the names of the image, which are known before the build. */
export const namesOf = ({ image, build: plan }: Plan): MetadataOutputs =>
  metadataOutputs(image, exportsIndex(plan))

const references = ({ tags }: ImagePlan): Reference[] =>
  tags.map(parseReference).filter((parsed): parsed is Reference => 'registry' in parsed)

/** Builds and pushes the image; returns its digest, or undefined if the build did not push. */
async function buildAndPush(
  { image, build: plan }: Plan,
  builder: PublisherBuilder,
  variables: Environment,
): Promise<Digest | undefined> {
  const built = await build(builder.runtime, { plan, image, builder, variables })
  setOutputs({ imageid: built.imageId ?? '', metadata: JSON.stringify(built.raw) })
  return built.pushed ? built.digest : undefined
}

/**
 * Returns the report of the image, with the platforms and sizes that the registry has now. Only the report needs the
 * sizes, so an error of the registry is ignored.
 */
async function describe(
  image: ImagePlan,
  digest: Digest,
  { client, before }: Publisher,
): Promise<ImageReport> {
  const [first] = [...references(image), ...image.images.map(({ reference }) => reference)]
  const current = first === undefined ? [] : await platformsOf(client, { ...first, digest }).catch(() => [])
  const previous = await before
  const platforms = current.map(({ platform, size }) => {
    const previousSize = previous.find(image => image.platform === platform)?.size
    return { platform, size, ...(previousSize === undefined ? {} : { before: previousSize }) }
  })
  const report = imageReport(image, digest, platforms)
  setOutputs({ image: `${report.repository}@${digest}`, digest })
  return report
}
