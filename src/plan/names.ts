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
import { parseReference, sameRepository } from '../image/reference.ts'
import type { Inputs } from '../inputs/inputs.ts'

/** A build with the names of its image. */
interface NamedBuild {
  readonly image: ImagePlan
  readonly build: BuildPlan
}

/**
 * Names the image by `image` and `tags`, or without both by the `name=` of an output, as docker does. An image that is
 * pushed by digest keeps its version for labels and gets no tag.
 */
export async function nameBuild(
  inputs: Inputs,
  { run, context, env }: Pick<Runtime, 'run' | 'context' | 'env'>,
  build: BuildPlan,
  findings: Findings,
): Promise<NamedBuild> {
  const { result } = build
  const around = { env, now: new Date(), run }
  const named = await planImage(namedBy(inputs, result), context, around, findings)
  const byDigest = isByDigest(result)
  refuseOtherNames(outputNames(result), named, byDigest, findings)
  refuseNameless(named, build, inputs, findings)
  if (build.when === 'missing' && commitTag(named) === undefined) findings.warnings.push(neverFound)
  const repositories = named.images.map(({ name }) => name)
  return {
    image: byDigest ? { ...named, tags: [], tagNames: [] } : named,
    build: { ...build, result: nameOutputs(result, repositories) },
  }
}

const neverFound =
  '`build: auto` finds the image of a commit by its tag, and no rule of `tags` makes one: it is built each time. Add `type=sha`.'

/** Returns the inputs with the names of outputs as `image`, if `image` is not given. */
function namedBy(inputs: Inputs, result: Result): Inputs {
  const names = outputNames(result)
  if (names.length === 0 || inputs.image !== '' || inputs.images !== '') return inputs
  const whole = inputs.tags === '' && !isByDigest(result)
  return { ...inputs, image: names.map(whole ? withTag : withoutTag).join('\n') }
}

/** Refuses a `name=` that is not among the tags: docker would drop it silently. */
function refuseOtherNames(
  names: readonly string[],
  { images, tags }: ImagePlan,
  byDigest: boolean,
  { problems }: Findings,
): void {
  const known = [...tags.map(parseReference), ...(byDigest ? images.map(({ reference }) => reference) : [])]
  for (const name of names) {
    const wanted = parseReference(name)
    if ('reason' in wanted) continue // told of `image`, which it is taken for, or differs from
    const found = known.some(
      each =>
        'registry' in each &&
        sameRepository(each, wanted) &&
        (byDigest || wanted.tag === undefined || wanted.tag === each.tag),
    )
    if (!found) problems.push(otherName(name))
  }
}

const otherName = (name: string) => ({
  input: 'outputs',
  cause: `\`outputs\` names \`${name}\`, which \`image\` and \`tags\` do not.`,
  remedy: 'Leave `name=` out: what is pushed is named by `image` and `tags`.',
})

const namings: ReadonlySet<string> = new Set(['image', 'images', 'tags', 'flavor'])

/** Refuses a push without a tag, unless it is by digest. */
function refuseNameless(
  { tags, images }: ImagePlan,
  { result }: BuildPlan,
  inputs: Inputs,
  { problems }: Findings,
): void {
  if (tags.length > 0 || !pushes(result) || isByDigest(result)) return
  if (images.some(({ reference }) => reference.digest !== undefined)) return
  // A name that is already refused makes no tag: that is no second problem.
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
