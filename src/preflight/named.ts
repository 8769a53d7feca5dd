import { Failure, type Problem } from '../core/errors.ts'
import { familiar, type Reference } from '../image/reference.ts'
import type { Client } from '../registry/client.ts'
import { lookUpDigest, lookUpWithRetries, platformsOf } from '../registry/manifest.ts'
import type { NamedImage, NamedImages, ServicesPlan } from '../target/services.ts'

/**
 * Looks up the digests and platforms of the images that `service` names. Each service is deployed by digest, so a tag
 * that moves before the deploy changes nothing. Throws a Failure if an image is missing.
 */
export async function findNamed(
  { images }: Pick<ServicesPlan, 'images'>,
  client: Client,
): Promise<NamedImages> {
  const found = await Promise.all(
    Object.entries(images).map(async ([name, image]) => [name, await find(name, image, client)] as const),
  )
  const problems = found.flatMap(([, each]) => ('cause' in each ? [each] : []))
  if (problems.length > 0) throw new Failure('preflight', problems)
  return Object.fromEntries(found) as NamedImages
}

async function find(name: string, image: Reference, client: Client): Promise<NamedImage | Problem> {
  const looked = await lookUpWithRetries(client, image, lookUpDigest)
  if (looked.kind !== 'found') return missing(name, image, looked.kind === 'absent' ? undefined : looked.why)
  const reference = { ...image, digest: looked.value }
  const platforms = await platformsOf(client, reference).catch(() => [])
  return {
    reference,
    platforms: platforms.map(({ platform }) => platform),
    size: platforms.length === 0 ? undefined : Math.max(...platforms.map(({ size }) => size)),
  }
}

const missing = (name: string, image: Reference, why: string | undefined): Problem => ({
  input: 'service',
  cause: `\`service\` gives \`${name}\` the image \`${familiar(image)}\`, which ${why === undefined ? 'is not in the registry' : `cannot be read: ${why}`}.`,
  remedy:
    'Push it in an earlier step or job, and check that the login of this run may read it (`registry-auth` for several registries).',
})
