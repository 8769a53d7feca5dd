import { realpathSync, statSync } from 'node:fs'
import { glob, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { isWithin, parentsOf } from './paths.ts'

/** Receives each link that cannot be uploaded, because it leaves the workspace or leads back to itself. */
export type RejectLink = (path: string, why: 'outside' | 'loop') => void

/** Returns the kind of a path; of a link, the kind of its target. Undefined if nothing is there. */
export function kindOf(path: string): 'file' | 'directory' | 'loop' | undefined {
  try {
    const state = statSync(path, { throwIfNoEntry: false })
    return state?.isFile() ? 'file' : state?.isDirectory() ? 'directory' : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return 'loop'
    throw error
  }
}

/** Whether a path is outside of `.git`, which is never uploaded. */
export const isOutsideGit = (path: string): boolean => !/(?:^|\/)\.git(?:\/|$)/.test(path)

/**
 * Returns the absolute paths of the files in a directory, at any depth. Follows links to other directories of the
 * workspace.
 */
export async function filesIn(
  directory: string,
  workspace: string,
  rejectLink: RejectLink,
): Promise<string[]> {
  const root = realpathSync(workspace)
  const found: string[] = []

  /** `real` is the real path of the directory, `parents` are those of its parent directories. */
  async function walk(path: string, real: string, parents: readonly string[]): Promise<void> {
    if (!isWithin(real, root)) return rejectLink(path, 'outside')
    if (!isOutsideGit(relative(root, real))) return
    if (parents.some(each => isWithin(each, real))) return rejectLink(path, 'loop')
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (!isOutsideGit(entry.name)) continue
      const next = join(path, entry.name)
      const kind = entry.isFile() ? 'file' : kindOf(next)
      if (kind === 'file') found.push(next)
      if (kind === 'loop') rejectLink(next, 'loop')
      if (kind === 'directory')
        await walk(next, entry.isSymbolicLink() ? realpathSync(next) : join(real, entry.name), [
          ...parents,
          real,
        ])
    }
  }

  await walk(directory, realpathSync(directory), [])
  return found
}

/** Returns the files that a pattern matches, and the files in the directories that it matches, without duplicates. */
export async function filesLike(
  pattern: string,
  workspace: string,
  rejectLink: RejectLink,
): Promise<string[]> {
  const found = new Set<string>()
  const directories = new Set<string>()
  for await (const entry of glob(pattern, { cwd: workspace })) {
    if (!isOutsideGit(entry)) continue
    const path = join(workspace, entry)
    const kind = kindOf(path)
    if (kind === 'file') found.add(path)
    if (kind === 'loop') rejectLink(path, 'loop')
    if (kind === 'directory' && !isRecursive(pattern)) directories.add(path)
  }
  for (const directory of directories) {
    // A parent directory that also matches already includes these files.
    if (parentsOf(directory).some(parent => directories.has(parent))) continue
    for (const file of await filesIn(directory, workspace, rejectLink)) found.add(file)
  }
  return [...found]
}

/**
 * Whether a pattern ends with `**` and so matches the files in directories by itself. Like every wildcard it skips
 * hidden entries, which listing the matched directories would add.
 */
const isRecursive = (pattern: string): boolean => /(?:^|\/)\*\*(?:\/\*)?\/?$/.test(pattern)
