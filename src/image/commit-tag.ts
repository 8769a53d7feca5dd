import type { ImagePlan } from './plan.ts'
import { parseReference, type Reference } from './reference.ts'

const label = 'org.opencontainers.image.revision='

/** The commit on the image's label: not always the run's own (`metadata-context: git`, DOCKER_METADATA_PR_HEAD_SHA). */
export const revisionOf = ({ labels }: Pick<ImagePlan, 'labels'>): string =>
  labels.find(line => line.startsWith(label))?.slice(label.length) ?? ''

/**
 * The tag by which a commit's image is found again: one that has the commit in it, with whatever prefix and suffix. It
 * need not be of that commit: what is found is known by its label.
 */
export function commitTag(image: Pick<ImagePlan, 'tags' | 'labels'>): Reference | undefined {
  const short = revisionOf(image).slice(0, 7)
  if (short.length < 7) return undefined
  const found = image.tags.map(parseReference).filter((each): each is Reference => 'registry' in each)
  return found.find(({ tag = '' }) => tag.includes(short))
}
