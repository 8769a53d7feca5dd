import type { Context } from '../core/context.ts'

/**
 * The image of a repository that names none: `owner/repository`, at the registry that is logged in to, else at the one
 * of the server that the repository is on.
 */
export function defaultImage(registry: string, context: Context): string {
  const host = registry === '' ? serverRegistry(context) : registryHost(registry)
  return `${host}/${context.repository.toLowerCase()}`
}

/** What `docker login` takes for a registry, as a part of a reference. */
export function registryHost(registry: string): string {
  const host = registry.replace(/^https?:\/\//i, '').replace(/\/.*$/, '')
  return ['index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com'].includes(host)
    ? 'docker.io'
    : host
}

/**
 * github.com has ghcr.io; GitHub Enterprise, Server and Cloud with data residency, `containers.` before its own name
 * (https://docs.github.com/packages/working-with-a-github-packages-registry/working-with-the-container-registry);
 * Gitea and Forgejo, whose API is `/api/v1`, have it under their own.
 */
function serverRegistry({ serverUrl, apiUrl }: Context): string {
  const host = URL.canParse(serverUrl) ? new URL(serverUrl).host : 'github.com'
  if (host === 'github.com') return 'ghcr.io'
  return /\/api\/v1\/?$/.test(apiUrl) ? host : `containers.${host}`
}
