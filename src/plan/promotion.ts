import { isByDigest, pushes, type Result } from '../buildx/result.ts'
import type { Findings } from '../core/findings.ts'
import type { ImagePlan } from '../image/plan.ts'
import { isTag, parseReference, type Reference, tagRule } from '../image/reference.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { list } from '../inputs/lists.ts'

/**
 * Parses `promote`: the tags to move to the image after a successful deploy. Returns one reference for each tag and
 * repository of the image; none if the run pushes nothing.
 */
export function planPromotion(
  inputs: Inputs,
  { images, tags }: ImagePlan,
  result: Result,
  findings: Findings,
): Reference[] {
  const names = list(inputs.promote, 'promote', findings)
  for (const name of names.filter(each => !isTag(each))) {
    findings.problems.push({
      input: 'promote',
      cause: `\`promote\` has \`${name}\`, which is not a valid tag.`,
      remedy: `${tagRule} The repositories are those of \`image\`.`,
    })
  }
  if (names.length > 0 && isByDigest(result)) findings.problems.push(withoutTags)
  if (!pushes(result)) {
    if (names.length > 0) findings.warnings.push('`promote` has no effect: this run pushes nothing.')
    return []
  }
  const first = parseReference(tags[0] ?? '')
  const repositories =
    images.length > 0 ? images.map(({ reference }) => reference) : 'reason' in first ? [] : [first]
  if (names.length > 0 && repositories.length === 0 && findings.problems.length === 0)
    findings.problems.push(withoutImage)
  return repositories.flatMap(({ registry, repository }) => names.map(tag => ({ registry, repository, tag })))
}

const withoutImage = {
  input: 'promote',
  cause: '`promote` moves tags to the image of this run, and this run has none: `service` names the images.',
  remedy: 'Remove `promote`, and move the tags where the images are built.',
}

const withoutTags = {
  input: 'promote',
  cause: '`promote` cannot be combined with `push-by-digest=true`, which pushes one image of several.',
  remedy: 'Remove `promote`, and tag the index that combines the images.',
}
