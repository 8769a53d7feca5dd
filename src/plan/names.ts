import type { BuildPlan } from '../buildx/plan.ts'
import {
  isByDigest,
  nameOutputs,
  outputNames,
  pushes,
  type Result,
  withoutTag,
  withTag,
} from '../buildx/result.ts'
import type { Findings } from '../core/findings.ts'
import type { Runtime } from '../core/runtime.ts'
import { commitTag } from '../image/labels.ts'
import { type ImagePlan, planImage } from '../image/plan.ts'
import { type NoReference, parseReference, sameRepository } from '../image/reference.ts'
import type { Inputs } from '../inputs/inputs.ts'

/** A build, and the names of its image. */
interface NamedBuild {
  readonly image: ImagePlan
  readonly build: BuildPlan
}

/**
 * Names the image by `image` and `tags`. If neither is given, uses the `name=` of an output, as docker does. An image
 * that is pushed by digest gets no tag, but keeps its version for the labels.
 */
export async function nameBuild(
  inputs: Inputs,
  { run, context, env }: Pick<Runtime, 'run' | 'context' | 'env'>,
  build: BuildPlan,
  findings: Findings,
): Promise<NamedBuild> {
  const { result } = build
  const environment = { env, now: new Date(), run }
  const named = await planImage(withOutputNames(inputs, result), context, environment, findings)
  const byDigest = isByDigest(result)
  rejectOtherNames(inputs, outputNames(result), named, byDigest, findings)
  rejectUntagged(named, build, inputs, findings)
  if (build.when === 'missing' && commitTag(named) === undefined) findings.warnings.push(neverReused)
  const repositories = named.images.map(({ name }) => name)
  return {
    image: byDigest ? { ...named, tags: [], tagNames: [] } : named,
    build: { ...build, result: nameOutputs(result, repositories) },
  }
}

const neverReused =
  '`build: auto` finds the image of a commit by its tag, but no rule of `tags` makes one, so every run builds. Add `type=sha`.'

/** Returns the inputs; if `image` is not given, the `name=` of the outputs takes its place. */
function withOutputNames(inputs: Inputs, result: Result): Inputs {
  const names = outputNames(result)
  if (names.length === 0 || hasImage(inputs)) return inputs
  const whole = inputs.tags === '' && !isByDigest(result)
  return { ...inputs, image: names.map(whole ? withTag : withoutTag).join('\n') }
}

const hasImage = ({ image, images }: Inputs): boolean => image !== '' || images !== ''

/** Rejects a `name=` that is invalid or not among the tags: docker would ignore the latter silently. */
function rejectOtherNames(
  inputs: Inputs,
  names: readonly string[],
  { images, tags }: ImagePlan,
  byDigest: boolean,
  { problems }: Findings,
): void {
  const known = [...tags.map(parseReference), ...(byDigest ? images.map(({ reference }) => reference) : [])]
  for (const name of names) {
    const wanted = parseReference(name)
    if ('reason' in wanted) {
      // If the name stands in for `image`, planImage has already reported this.
      if (hasImage(inputs)) problems.push(invalidName(name, wanted))
      continue
    }
    const found = known.some(
      each =>
        'registry' in each &&
        sameRepository(each, wanted) &&
        (byDigest || wanted.tag === undefined || wanted.tag === each.tag),
    )
    if (!found) problems.push(otherName(name))
  }
}

const invalidName = (name: string, { reason, remedy }: NoReference) => ({
  input: 'outputs',
  cause: `\`outputs\` has \`name=${name}\`: ${reason}.`,
  remedy,
})

const otherName = (name: string) => ({
  input: 'outputs',
  cause: `\`outputs\` names \`${name}\`, which \`image\` and \`tags\` do not.`,
  remedy: 'Remove `name=`: `image` and `tags` name the image.',
})

const namings: ReadonlySet<string> = new Set(['image', 'images', 'tags', 'flavor'])

/** Rejects a push without a tag, unless it is by digest. */
function rejectUntagged(
  { tags, images }: ImagePlan,
  { result }: BuildPlan,
  inputs: Inputs,
  { problems }: Findings,
): void {
  if (tags.length > 0 || !pushes(result) || isByDigest(result)) return
  if (images.some(({ reference }) => reference.digest !== undefined)) return
  // An input that is already rejected yields no tag, which would only report the same mistake twice.
  if (problems.some(({ input }) => input !== undefined && namings.has(input))) return
  const input = inputs.images === '' ? 'image' : 'images'
  if (images.length === 0 && inputs[input] !== '') {
    problems.push({
      input,
      cause: `No line of \`${input}\` is enabled for this run, so there is nothing to push to.`,
      remedy: 'Enable one (`enable=true`), set `push: false`, or start the workflow for other events.',
    })
    return
  }
  problems.push({
    input: 'tags',
    cause: 'No rule of `tags` makes a tag for this run, and an image without one cannot be pushed.',
    remedy: 'Add a rule that holds for every run (`type=sha`), or start the workflow for other events.',
  })
}
