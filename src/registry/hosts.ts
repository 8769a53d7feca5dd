import type { Context } from '../core/context.ts'
import { dockerHub } from '../image/reference.ts'

/** Under which name docker's config.json has the login for a registry. */
export const configKey = (registry: string): string =>
  registry === dockerHub ? 'https://index.docker.io/v1/' : registry

/** Amazon's registries give a password of their own, for a while, under the name `AWS`. */
const isEcr = (registry: string): boolean =>
  registry === 'public.ecr.aws' ||
  /\.dkr[.-]ecr[.-][^/]*\.(?:amazonaws\.com|on\.aws)(?:\.cn)?$/.test(registry)

/** What such a registry refuses, and what to do instead. */
export const needsEcrLogin = (registry: string, username: string): boolean =>
  isEcr(registry) && username !== 'AWS'

export const ecrRemedy =
  'Run aws-actions/amazon-ecr-login before this step, and give its outputs `docker_username_…` and `docker_password_…`: the server pulls with them, too.'

/** Where the registry's HTTP API is spoken. */
export const apiHost = (registry: string): string =>
  registry === dockerHub ? 'registry-1.docker.io' : registry

/**
 * Whether the registry belongs to the forge that this run's token is from, so that the token may be sent to it: for
 * github.com that is ghcr.io, for its enterprise kinds `containers.` the host, for Forgejo and Gitea the host itself.
 */
export function isOwnRegistry(registry: string, { serverUrl }: Context): boolean {
  const forge = URL.canParse(serverUrl) ? new URL(serverUrl).host : ''
  if (forge === 'github.com') return registry === 'ghcr.io'
  return forge !== '' && [forge, `containers.${forge}`].includes(registry)
}
