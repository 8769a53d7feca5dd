import type { World } from '../core/runtime.ts'
import { parseReference } from '../image/reference.ts'
import type { Workshop } from '../preflight/workshop.ts'
import { labelsOf } from '../registry/manifest.ts'
import type { ImageReport } from '../report/report.ts'

/**
 * The image with the commit that it was made from: this run's where it was built here or found to be this commit's,
 * else what its label says. It is for the report alone: a registry that does not say is no reason to stop.
 */
export async function withOrigin(
  image: ImageReport,
  { bench, reused, client }: Pick<Workshop, 'bench' | 'reused' | 'client'>,
  { context }: Pick<World, 'context'>,
): Promise<ImageReport> {
  const own = bench !== undefined || reused !== undefined
  const commit = own ? context.sha : await labelled(image, client)
  return commit === '' ? image : { ...image, commit }
}

/** Empty where no commit of this forge is named. */
async function labelled({ repository, digest }: ImageReport, client: Workshop['client']): Promise<string> {
  const reference = parseReference(`${repository}@${digest}`)
  if ('reason' in reference) return ''
  const labels = await labelsOf(client, reference).catch(() => ({}) as Record<string, string>)
  const revision = labels['org.opencontainers.image.revision'] ?? ''
  return /^[0-9a-f]{40}$/.test(revision) ? revision : ''
}
