import { pushes } from '../buildx/result.ts'
import type { Context } from '../core/context.ts'
import { Failure } from '../core/errors.ts'
import type { World } from '../core/runtime.ts'
import { trustOf } from '../github/trust.ts'
import type { Digest } from '../image/digest.ts'
import type { ImagePlan } from '../image/plan.ts'
import { formatReference, parseReference, type Reference } from '../image/reference.ts'
import type { Plan } from '../plan/plan.ts'
import type { Workshop } from '../preflight/workshop.ts'
import { digestOf } from '../registry/manifest.ts'
import { imageReport } from '../report/image.ts'

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

async function find(name: Reference | undefined, { client }: Workshop): Promise<Digest | undefined> {
  return name && (await digestOf(client, name))
}

const shown = (name: Reference | undefined): string => (name === undefined ? '' : formatReference(name))

const absent = (name: Reference | undefined): Failure =>
  new Failure('build', {
    input: 'build',
    cause: `\`build\` is \`false\`, and \`${shown(name)}\` is not in the registry.`,
    remedy: 'Name an image that was pushed, by `image` and `tags`, or let it be built.',
  })
