import { isAbsolute, join, relative, resolve } from 'node:path'
import type { Context } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import type { Inputs } from '../inputs/inputs.ts'

/** The source of the build context. */
export type Source =
  /** A directory on this machine. */
  | { readonly kind: 'directory'; readonly path: string }
  /** The commit of this run, which the builder fetches. */
  | { readonly kind: 'commit'; readonly url: string; readonly subdirectory: string }
  /** Another git repository, an archive or an image, in any form that buildx accepts. */
  | { readonly kind: 'remote'; readonly url: string }

const defaultContext = /\{\{\s*defaultContext\s*\}\}/g

/** Parses `context`. The default is the workspace if it is checked out, otherwise the commit of this run. */
export function planSource(
  inputs: Inputs,
  context: Context,
  findings: Findings,
  exists: (path: string) => boolean,
): Source {
  const isHere = (path: string) => exists(resolve(context.workspace, path))
  const text = inputs.context
  if (text === '') {
    const checkedOut = isHere('.git') || isHere(inputs.file || 'Dockerfile')
    return checkedOut ? { kind: 'directory', path: '.' } : commit(context, '')
  }
  const [whole, subdirectory = ''] = /^\{\{\s*defaultContext\s*\}\}(?::(.*))?$/.exec(text) ?? []
  if (whole !== undefined) return commit(context, subdirectory)
  const misplaced = text.match(defaultContext) !== null
  if (misplaced) findings.problems.push(misplacedDefault(text))
  if (isRemote(text)) return { kind: 'remote', url: text }
  if (!misplaced && !isHere(text)) findings.problems.push(notFound(text))
  return { kind: 'directory', path: text }
}

const misplacedDefault = (text: string) => ({
  input: 'context' as const,
  cause: `\`context\` is \`${text}\`, but \`{{defaultContext}}\` cannot be part of another value.`,
  remedy: 'Write `{{defaultContext}}`, or `{{defaultContext}}:DIRECTORY` for a subdirectory of the commit.',
})

/** Reports a missing Dockerfile; buildx would report it only when the build starts. */
export function requireDockerfile(
  source: Source,
  { file }: Pick<Inputs, 'file'>,
  { workspace }: Context,
  { problems }: Findings,
  exists: (path: string) => boolean,
): void {
  if (source.kind !== 'directory' || isRemote(source.path) || isRemote(file)) return
  const directory = resolve(workspace, source.path)
  const names =
    file === '' ? ['Dockerfile', 'dockerfile'].map(name => join(directory, name)) : [resolve(workspace, file)]
  if (!exists(directory) || names.some(exists)) return
  problems.push({
    input: 'file',
    cause:
      file === ''
        ? `\`${source.path}\` has no Dockerfile, and \`file\` is not set.`
        : `\`file\` is \`${file}\`, which does not exist.`,
    remedy: 'Set `file` to its path in the workspace, and run actions/checkout before this step.',
  })
}

/**
 * Returns the build context as buildx's argument. The subdirectory is part of the URL's fragment, which every version
 * of buildx reads; a query needs buildx 0.29.
 */
export function sourceArgument(source: Source): string {
  if (source.kind === 'directory') return source.path
  if (source.kind === 'remote' || source.subdirectory === '') return source.url
  return `${source.url}:${source.subdirectory}`
}

/** Replaces `{{defaultContext}}` in a build context (`src={{defaultContext}}:sub`). */
export const fillContext = (text: string, context: Context): string =>
  text.replaceAll(defaultContext, commitUrl(context))

const commit = (context: Context, subdirectory: string): Source => ({
  kind: 'commit',
  url: commitUrl(context),
  subdirectory,
})

/**
 * Returns the git URL of this run's commit: by SHA, or by ref for a pull request. The merge commit of a pull request is
 * on no branch or tag, and older builders cannot fetch such a commit by its SHA.
 */
function commitUrl({ serverUrl, repository, ref, sha }: Context): string {
  const pull = ref.startsWith('refs/pull/')
  return `${serverUrl}/${repository}.git#${sha !== '' && !pull ? sha : ref}`
}

/** Reports whether a context or Dockerfile is anything other than a path on this machine. */
const isRemote = (text: string): boolean =>
  text === '-' ||
  /^(?:https?|git|ssh|docker-image|oci-layout|target):\/\//i.test(text) ||
  /^git@|^github\.com\//.test(text)

const notFound = (path: string) => ({
  input: 'context',
  cause: `\`context\` is \`${path}\`, which does not exist.`,
  remedy:
    path === 'git' || path === 'workflow'
      ? 'To choose the source of tags and labels, use `metadata-context`.'
      : 'Use a directory of the workspace, and run actions/checkout before this step; or use a git URL.',
})

/**
 * Returns the absolute path of the Dockerfile in the workspace; undefined if the Dockerfile is not in this repository.
 */
export function dockerfileOf(
  { file, source }: { readonly file: string | undefined; readonly source: Source },
  workspace: string,
): string | undefined {
  if (file !== undefined && isRemote(file)) return undefined
  switch (source.kind) {
    case 'directory':
      return resolve(workspace, file ?? join(source.path, 'Dockerfile'))
    case 'commit':
      return join(workspace, source.subdirectory, file ?? 'Dockerfile')
    case 'remote':
      return undefined
  }
}

/**
 * Returns a path relative to the workspace, as GitHub annotations need it; undefined if it lies outside the workspace.
 */
export function inWorkspace(path: string, workspace: string): string | undefined {
  const file = relative(workspace, path)
  return file.startsWith('..') || isAbsolute(file) ? undefined : file
}
