import { type Digest, isDigest } from './digest.ts'

/** An image reference in the form that Docker gives every name: `registry/repository:tag@digest`. */
export interface Reference {
  /** `docker.io`, `ghcr.io`, `localhost:5000`, `[::1]:5000`. */
  readonly registry: string
  /** `library/nginx`, `owner/name`: lower case. */
  readonly repository: string
  readonly tag?: string
  readonly digest?: Digest
}

/** Why a text is no image reference, and what to do about it; both are sentences. */
export interface NoReference {
  readonly reason: string
  readonly remedy: string
}

// The grammar of github.com/distribution/reference.
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?'
const registryPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`)
const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const repositoryPattern = new RegExp(`^${component}(?:/${component})*$`)
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const longestName = 255

export const isTag = (text: string): boolean => tagPattern.test(text)

/** An image by its digest: `repository@sha256:…`, or `sha256:…` if no registry has it. */
export type ExactImage = `${string}@sha256:${string}` | `sha256:${string}`

/** Whether a text that came from outside is an {@link ExactImage}. */
export function isExactImage(text: string): text is ExactImage {
  const at = text.indexOf('@')
  if (!isDigest(text.slice(at + 1))) return false
  return at < 0 || !('reason' in parseReference(text))
}

/** Reads a reference as Docker does: `nginx` is `docker.io/library/nginx`. A missing tag stays missing. */
export function parseReference(text: string): Reference | NoReference {
  if (/^[a-f0-9]{64}$/.test(text)) {
    return refusal('64 hexadecimal digits are an image ID, not a name', 'Give the name of a repository.')
  }
  const { name, tag, digest } = split(text)
  const { registry, repository } = splitRegistry(name)
  const refused = refuseName(registry, repository, name) ?? refuseTag(tag)
  if (refused !== undefined) return refused
  const named = { registry, repository, ...(tag === undefined ? {} : { tag }) }
  if (digest === undefined) return named
  return isDigest(digest) ? { ...named, digest } : refuseDigest(digest)
}

/** The whole reference, as it is pushed and pulled. */
export const formatReference = (reference: Reference): string => repositoryName(reference) + ends(reference)

/** Returns the reference to pull: by digest, as a tag may have moved. */
export const exactImage = (reference: Reference, digest: Digest): ExactImage =>
  `${repositoryName(reference)}@${digest as `sha256:${string}`}`

/** `registry/repository`, without tag and digest. */
export const repositoryName = ({ registry, repository }: Reference): string => `${registry}/${repository}`

/** The reference as people write it: `docker.io/library/nginx` is `nginx`. */
export function familiar(reference: Reference): string {
  if (reference.registry !== 'docker.io') return formatReference(reference)
  const [, official] = /^library\/([^/]+)$/.exec(reference.repository) ?? []
  return (official ?? reference.repository) + ends(reference)
}

/** Docker Hub has several names; its login and its images are known by this one. */
export const dockerHub = 'docker.io'

const hubNames: readonly string[] = [
  dockerHub,
  'index.docker.io',
  'registry-1.docker.io',
  'registry.hub.docker.com',
  'hub.docker.com',
]

/** The registry that a text names: a host with its port, without what people paste around it. */
export function registryHost(text: string): string {
  const host = text
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/.*$/, '')
    .toLowerCase()
  return hubNames.includes(host) ? dockerHub : host
}

/** The registry to log in to and to ask. */
export const registryOf = ({ registry }: Reference): string => registryHost(registry)

/** Whether both name one repository, whatever their tags and digests. */
export const sameRepository = (one: Reference, other: Reference): boolean =>
  one.repository === other.repository && registryOf(one) === registryOf(other)

const ends = ({ tag, digest }: Reference): string =>
  (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`)

/** Cuts the digest and the tag off; a colon before the last slash belongs to a port. */
function split(text: string): { name: string; tag?: string; digest?: string } {
  const [named = '', ...rest] = text.split('@')
  const digest = rest.length === 0 ? {} : { digest: rest.join('@') }
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  if (colon === -1) return { name: named, ...digest }
  return { name: named.slice(0, colon), tag: named.slice(colon + 1), ...digest }
}

/** The first component is a registry when it can be nothing else: it has a dot, a port or an upper-case letter. */
function splitRegistry(name: string): { registry: string; repository: string } {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(slash, 0))
  const named = slash !== -1 && (/[.:A-Z]/.test(first) || first === 'localhost')
  const registry = named && first !== 'index.docker.io' ? first : 'docker.io'
  const repository = named ? name.slice(slash + 1) : name
  const official = registry === 'docker.io' && !repository.includes('/')
  return { registry, repository: official ? `library/${repository}` : repository }
}

function refuseName(registry: string, repository: string, name: string): NoReference | undefined {
  if (name === '') return refusal('it has no name', 'Give a name such as `ghcr.io/owner/name`.')
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(name)) {
    return refusal('it is a URL', 'Leave off what stands before the host name: `ghcr.io/owner/name`.')
  }
  if (!registryPattern.test(registry)) {
    return refusal(`\`${registry}\` is no host name`, 'A registry is a `host` or `host:port`.')
  }
  if (/[A-Z]/.test(repository)) {
    return refusal('a repository name is lower case', `Write \`${repository.toLowerCase()}\`.`)
  }
  if (!repositoryPattern.test(repository)) {
    return refusal(
      `\`${repository}\` is no repository name`,
      'Its parts are letters and digits, with single `.`, `_`, `__` or dashes between them, split by single slashes.',
    )
  }
  if (registry.length + 1 + repository.length <= longestName) return undefined
  return refusal(`the name is longer than ${longestName} characters`, 'Choose a shorter one.')
}

const refuseTag = (tag: string | undefined): NoReference | undefined =>
  tag === undefined || isTag(tag) ? undefined : refusal(`\`${tag}\` is not a valid tag`, tagRule)

const refuseDigest = (digest: string): NoReference =>
  refusal(`\`${digest}\` is no digest`, 'A digest is `sha256:` and 64 hexadecimal digits in lower case.')

export const tagRule =
  'A tag has 1 to 128 letters, digits, `_`, `.` and `-`, and begins with none of the last two.'

const refusal = (reason: string, remedy: string): NoReference => ({ reason, remedy })
