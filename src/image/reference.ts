import { type Digest, isDigest } from './digest.ts'

/** An image reference in Docker's normalized form: `registry/repository:tag@digest`. */
export interface Reference {
  /** Such as `docker.io`, `ghcr.io`, `localhost:5000`, `[::1]:5000`. */
  readonly registry: string
  /** Such as `library/nginx`, `owner/name`; in lower case. */
  readonly repository: string
  readonly tag?: string
  readonly digest?: Digest
}

/** The result of parsing an invalid image reference. */
export interface NoReference {
  /** What is wrong with the text; a clause without a full stop. */
  readonly reason: string
  /** What the user can do; a sentence. */
  readonly remedy: string
}

// The grammar of github.com/distribution/reference.
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?'
const registryPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`)
const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const repositoryPattern = new RegExp(`^${component}(?:/${component})*$`)
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const maxNameLength = 255

export const isTag = (text: string): boolean => tagPattern.test(text)

/** An image by its digest: `repository@sha256:…`, or `sha256:…` if the image is in no registry. */
export type ExactImage = `${string}@sha256:${string}` | `sha256:${string}`

/** Reports whether a text from outside is an {@link ExactImage}. */
export function isExactImage(text: string): text is ExactImage {
  const at = text.indexOf('@')
  if (!isDigest(text.slice(at + 1))) return false
  return at < 0 || !('reason' in parseReference(text))
}

/** Parses a reference as Docker does: `nginx` is `docker.io/library/nginx`. Adds no default tag. */
export function parseReference(text: string): Reference | NoReference {
  if (/^[a-f0-9]{64}$/.test(text)) {
    return invalid('64 hexadecimal digits are an image ID, not a name', 'Use the name of a repository.')
  }
  const { name, tag, digest } = split(text)
  const { registry, repository } = splitRegistry(name)
  const problem = nameProblem(registry, repository, name) ?? tagProblem(tag)
  if (problem !== undefined) return problem
  const reference = { registry, repository, ...(tag === undefined ? {} : { tag }) }
  if (digest === undefined) return reference
  return isDigest(digest) ? { ...reference, digest } : digestProblem(digest)
}

/** Returns the full reference, for pushing and pulling. */
export const formatReference = (reference: Reference): string =>
  repositoryName(reference) + tagAndDigest(reference)

/** Returns the reference to pull: by digest, because a tag may move. */
export const exactImage = (reference: Reference, digest: Digest): ExactImage =>
  `${repositoryName(reference)}@${digest as `sha256:${string}`}`

/** Returns `registry/repository`, without tag and digest. */
export const repositoryName = ({ registry, repository }: Reference): string => `${registry}/${repository}`

/** Returns Docker's short form of a reference: `nginx` for `docker.io/library/nginx`. */
export function familiar(reference: Reference): string {
  if (reference.registry !== 'docker.io') return formatReference(reference)
  const [, official] = /^library\/([^/]+)$/.exec(reference.repository) ?? []
  return (official ?? reference.repository) + tagAndDigest(reference)
}

/** The canonical name of Docker Hub, which logins and image references use. */
export const dockerHub = 'docker.io'

const hubNames: readonly string[] = [
  dockerHub,
  'index.docker.io',
  'registry-1.docker.io',
  'registry.hub.docker.com',
  'hub.docker.com',
]

/** Returns the registry's host and port from a text; removes a scheme and a path. Docker Hub has one name. */
export function registryHost(text: string): string {
  const host = text
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/.*$/, '')
    .toLowerCase()
  return hubNames.includes(host) ? dockerHub : host
}

/** Returns the registry to log in to and to send requests to. */
export const registryOf = ({ registry }: Reference): string => registryHost(registry)

/** Reports whether two references have the same repository; ignores tags and digests. */
export const sameRepository = (one: Reference, other: Reference): boolean =>
  one.repository === other.repository && registryOf(one) === registryOf(other)

const tagAndDigest = ({ tag, digest }: Reference): string =>
  (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`)

/** Splits a reference into name, tag and digest. A colon before the last slash belongs to a port. */
function split(text: string): { name: string; tag?: string; digest?: string } {
  const [name = '', ...rest] = text.split('@')
  const digest = rest.length === 0 ? {} : { digest: rest.join('@') }
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1)
  if (colon === -1) return { name, ...digest }
  return { name: name.slice(0, colon), tag: name.slice(colon + 1), ...digest }
}

/**
 * Splits a name into registry and repository. As in Docker, the first component is a registry only if it is `localhost`
 * or has a dot, a port or an upper-case letter.
 */
function splitRegistry(name: string): { registry: string; repository: string } {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(slash, 0))
  const hasRegistry = slash !== -1 && (/[.:A-Z]/.test(first) || first === 'localhost')
  const registry = hasRegistry && first !== 'index.docker.io' ? first : 'docker.io'
  const repository = hasRegistry ? name.slice(slash + 1) : name
  const official = registry === 'docker.io' && !repository.includes('/')
  return { registry, repository: official ? `library/${repository}` : repository }
}

function nameProblem(registry: string, repository: string, name: string): NoReference | undefined {
  if (name === '') return invalid('it has no name', 'Use a name such as `ghcr.io/owner/name`.')
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(name)) {
    return invalid('it is a URL', 'Remove the part before the host name: `ghcr.io/owner/name`.')
  }
  if (!registryPattern.test(registry)) {
    return invalid(`\`${registry}\` is not a valid host name`, 'A registry is a `host` or `host:port`.')
  }
  if (/[A-Z]/.test(repository)) {
    return invalid('a repository name is lower case', `Write \`${repository.toLowerCase()}\`.`)
  }
  if (!repositoryPattern.test(repository)) {
    return invalid(
      `\`${repository}\` is not a valid repository name`,
      'Its parts are separated by single slashes and consist of letters and digits, joined by `.`, `_`, `__` or dashes.',
    )
  }
  if (registry.length + 1 + repository.length <= maxNameLength) return undefined
  return invalid(`the name is longer than ${maxNameLength} characters`, 'Choose a shorter name.')
}

const tagProblem = (tag: string | undefined): NoReference | undefined =>
  tag === undefined || isTag(tag) ? undefined : invalid(`\`${tag}\` is not a valid tag`, tagRule)

const digestProblem = (digest: string): NoReference =>
  invalid(`\`${digest}\` is not a digest`, 'A digest is `sha256:` and 64 hexadecimal digits in lower case.')

export const tagRule =
  'A tag has 1 to 128 characters: letters, digits, `_`, `.` and `-`. It cannot start with `.` or `-`.'

const invalid = (reason: string, remedy: string): NoReference => ({ reason, remedy })
