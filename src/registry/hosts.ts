import type { Context } from '../core/context.ts'
import { dockerHub } from '../image/reference.ts'

/** Returns the key of a registry's login in docker's config.json. */
export const configKey = (registry: string): string =>
  registry === dockerHub ? 'https://index.docker.io/v1/' : registry

/** Reports whether a registry is Amazon ECR, which takes only a temporary password of its own, with the user `AWS`. */
const isEcr = (registry: string): boolean =>
  registry === 'public.ecr.aws' ||
  /\.dkr[.-]ecr[.-][^/]*\.(?:amazonaws\.com|on\.aws)(?:\.cn)?$/.test(registry)

/** Reports whether ECR would refuse this user; `ecrRemedy` says what to do. */
export const needsEcrLogin = (registry: string, username: string): boolean =>
  isEcr(registry) && username !== 'AWS'

export const ecrRemedy =
  'Run aws-actions/amazon-ecr-login before this step, and pass its outputs `docker_username_…` and `docker_password_…`: the server pulls with them, too.'

/** Returns the host of the registry's HTTP API. */
export const apiHost = (registry: string): string =>
  registry === dockerHub ? 'registry-1.docker.io' : registry

/**
 * Reports whether the registry belongs to the forge that issued this run's token, so that the token may be sent to it.
 * This is ghcr.io for github.com, `containers.HOST` for GitHub Enterprise, and HOST itself for Forgejo and Gitea.
 */
export function isOwnRegistry(registry: string, { serverUrl }: Context): boolean {
  const forge = URL.canParse(serverUrl) ? new URL(serverUrl).host : ''
  if (forge === 'github.com') return registry === 'ghcr.io'
  return forge !== '' && [forge, `containers.${forge}`].includes(registry)
}
