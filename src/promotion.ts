import type { Findings } from './findings.ts'
import type { ImagePlan } from './image/plan.ts'
import { isTag, parseReference, type Reference, tagRule } from './image/reference.ts'
import type { Inputs } from './inputs.ts'
import { list } from './lists.ts'

/** The tags that are moved to the release once it serves: `promote`, in every repository that is pushed to. */
export function planPromotion(inputs: Inputs, { images, tags }: ImagePlan, findings: Findings): Reference[] {
  const names = list(inputs.promote, 'promote', findings)
  for (const name of names.filter(each => !isTag(each))) {
    findings.problems.push({
      input: 'promote',
      cause: `\`promote\` has \`${name}\`, which is no tag.`,
      remedy: `${tagRule} The repositories are those of \`image\`.`,
    })
  }
  const first = parseReference(tags[0] ?? '')
  const repositories =
    images.length > 0 ? images.map(({ reference }) => reference) : 'reason' in first ? [] : [first]
  return repositories.flatMap(({ registry, repository }) => names.map(tag => ({ registry, repository, tag })))
}
