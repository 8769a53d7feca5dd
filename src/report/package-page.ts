import type { Context } from '../core/context.ts'
import { parseReference, type Reference, registryOf } from '../image/reference.ts'

/** Returns the web page of an image (`repo:tag`, `repo@sha256:…`); undefined if its registry has no known one. */
export function packagePage(image: string, context: Context): string | undefined {
  // An image that was never in a registry is named by its ID.
  if (image.startsWith('sha256:')) return undefined
  const reference = parseReference(image)
  if ('reason' in reference) return undefined
  const registry = registryOf(reference)
  if (registry === 'docker.io') return hubPage(reference.repository)
  const forge = URL.canParse(context.serverUrl) ? new URL(context.serverUrl).host : ''
  if (forge === '') return undefined
  if (registry === forge) return forgejoPage(reference, context)
  const own = forge === 'github.com' ? 'ghcr.io' : `containers.${forge}`
  return registry === own ? githubPage(reference.repository, context) : undefined
}

function hubPage(repository: string): string {
  const official = /^library\/([^/]+)$/.exec(repository)?.[1]
  return `https://hub.docker.com/${official === undefined ? `r/${repository}` : `_/${official}`}/tags`
}

/** GitHub shows a package below a repository of its owner. If the owner is another one, that repository is unknown. */
function githubPage(path: string, { serverUrl, repository }: Context): string | undefined {
  const { owner, name } = split(path)
  return owner === repository.split('/')[0]?.toLowerCase()
    ? `${serverUrl}/${repository}/pkgs/container/${encodeURIComponent(name)}`
    : undefined
}

/** Forgejo and Gitea have one page per tag and per digest. */
function forgejoPage({ repository, tag, digest }: Reference, { serverUrl }: Context): string {
  const { owner, name } = split(repository)
  const version = digest ?? tag
  const page = `${serverUrl}/${owner}/-/packages/container/${encodeURIComponent(name)}`
  return version === undefined ? page : `${page}/${version}`
}

function split(repository: string): { owner: string; name: string } {
  const slash = repository.indexOf('/')
  return { owner: repository.slice(0, slash), name: repository.slice(slash + 1) }
}
