import type { Digest } from '../image/digest.ts'
import type { ImagePlan } from '../image/plan.ts'
import { parseReference, repositoryName } from '../image/reference.ts'
import type { ImageReport } from './report.ts'

/** Describes an image for the report; its repository is that of its first tag. */
export function imageReport(
  { tags, images }: ImagePlan,
  digest: Digest | undefined,
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
