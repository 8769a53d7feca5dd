import type { Digest } from '../image/digest.ts'
import type { ImagePlan } from '../image/plan.ts'
import { parseReference, repositoryName } from '../image/reference.ts'
import type { ImageReport } from './report.ts'

/** Builds the report of an image. Its repository is that of the first tag. */
export function imageReport(
  { tags, images }: ImagePlan,
  digest: Digest | undefined,
  platforms: ImageReport['platforms'],
): ImageReport {
  const tag = parseReference(tags[0] ?? '')
  const first = 'reason' in tag ? images[0]?.reference : tag
  return {
    repository: first === undefined ? '' : repositoryName(first),
    ...(digest === undefined ? {} : { digest }),
    tags,
    platforms,
  }
}
