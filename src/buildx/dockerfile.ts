import { isAbsolute, join, relative, resolve } from 'node:path'
import type { BuildPlan } from './plan.ts'
import { isRemote } from './source.ts'

/** Its absolute path, were the run's commit checked out; undefined where it is of no commit of this repository. */
export function dockerfileOf(
  { file, source }: Pick<BuildPlan, 'file' | 'source'>,
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

/** A path as an annotation names it, relative to the workspace; undefined outside of it: nothing can be shown there. */
export function inWorkspace(path: string, workspace: string): string | undefined {
  const file = relative(workspace, path)
  return file.startsWith('..') || isAbsolute(file) ? undefined : file
}
