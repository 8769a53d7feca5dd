import { isAbsolute, join, relative, resolve } from 'node:path'
import type { Context } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import type { Inputs } from '../inputs/inputs.ts'

/** Where the build context comes from. */
export type Source =
  /** A directory of this machine. */
  | { readonly kind: 'directory'; readonly path: string }
  /** This run's commit, fetched by the builder itself. */
  | { readonly kind: 'commit'; readonly url: string; readonly subdirectory: string }
  /** Another git repository, an archive, an image: whatever buildx knows by itself. */
  | { readonly kind: 'remote'; readonly url: string }

const defaultContext = /\{\{\s*defaultContext\s*\}\}/g

/** Reads `context`: the workspace when it is checked out, else this run's commit. */
export function planSource(
  inputs: Inputs,
  context: Context,
  findings: Findings,
  exists: (path: string) => boolean,
): Source {
  const here = (path: string) => exists(resolve(context.workspace, path))
  const given = inputs.context
  if (given === '') {
    const checkedOut = here('.git') || here(inputs.file || 'Dockerfile')
    return checkedOut ? { kind: 'directory', path: '.' } : commit(context, '')
  }
  const [whole, subdirectory = ''] = /^\{\{\s*defaultContext\s*\}\}(?::(.*))?$/.exec(given) ?? []
  if (whole !== undefined) return commit(context, subdirectory)
  const more = given.match(defaultContext) !== null
  if (more) findings.problems.push(moreThanDefault(given))
  if (isRemote(given)) return { kind: 'remote', url: given }
  if (!more && !here(given)) findings.problems.push(notThere(given))
  return { kind: 'directory', path: given }
}

const moreThanDefault = (given: string) => ({
  input: 'context' as const,
  cause: `\`context\` is \`${given}\`, and \`{{defaultContext}}\` is this commit as a whole.`,
  remedy: 'Write `{{defaultContext}}`, or `{{defaultContext}}:DIRECTORY` for one of its directories.',
})

/** Reports a missing Dockerfile, which buildx would notice only when the build starts. */
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
        ? `There is no Dockerfile in \`${source.path}\`, and \`file\` names none.`
        : `\`file\` is \`${file}\`, which is not there.`,
    remedy: 'Give its path from the workspace by `file`, and run actions/checkout before this step.',
  })
}

/** Returns the argument for buildx. Every version reads a fragment; a query needs 0.29. */
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
 * A commit by its SHA where branches or tags lead to it. The merge commit of a pull request is on neither, and older
 * builders fetch only those: there it is the ref.
 */
function commitUrl({ serverUrl, repository, ref, sha }: Context): string {
  const pull = ref.startsWith('refs/pull/')
  return `${serverUrl}/${repository}.git#${sha !== '' && !pull ? sha : ref}`
}

/** Whether buildx fetches a context from elsewhere. */
const isRemote = (text: string): boolean =>
  text === '-' ||
  /^(?:https?|git|ssh|docker-image|oci-layout|target):\/\//i.test(text) ||
  /^git@|^github\.com\//.test(text)

const notThere = (path: string) => ({
  input: 'context',
  cause: `\`context\` is \`${path}\`, which is not there.`,
  remedy:
    path === 'git' || path === 'workflow'
      ? 'For where tags and labels come from, `metadata-context` is the input.'
      : 'Give a directory of the workspace, and run actions/checkout before this step; or give a git URL.',
})

/** Returns the absolute path of the Dockerfile in the workspace; undefined if it is not part of this repository. */
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

/** Returns a path relative to the workspace, as annotations need it; undefined outside of the workspace. */
export function inWorkspace(path: string, workspace: string): string | undefined {
  const file = relative(workspace, path)
  return file.startsWith('..') || isAbsolute(file) ? undefined : file
}
