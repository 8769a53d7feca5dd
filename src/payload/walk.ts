import { realpathSync, statSync } from 'node:fs'
import { glob, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parentsOf, within } from './inside.ts'

/** Receives links that cannot be uploaded: those that leave the workspace, or lead back to themselves. */
export type LeadsAstray = (path: string, where: 'out' | 'round') => void

/** Returns the kind of a path, or of the target of a link; undefined if there is none. */
export function kindOf(path: string): 'file' | 'directory' | 'round' | undefined {
  try {
    const state = statSync(path, { throwIfNoEntry: false })
    return state?.isFile() ? 'file' : state?.isDirectory() ? 'directory' : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return 'round'
    throw error
  }
}

/** Excludes the history of the repository. */
const isOwn = (path: string): boolean => !/(?:^|\/)\.git(?:\/|$)/.test(path)

/** Lists the files in a directory at any depth, links to directories of the workspace included; absolute paths. */
export async function filesIn(
  directory: string,
  workspace: string,
  leadsAstray: LeadsAstray,
): Promise<string[]> {
  const root = realpathSync(workspace)
  const found: string[] = []

  /** `above` holds the real paths of the parent directories. */
  async function walk(path: string, real: string, above: readonly string[]): Promise<void> {
    if (!within(real, root)) return leadsAstray(path, 'out')
    if (above.some(each => within(each, real))) return leadsAstray(path, 'round')
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (!isOwn(entry.name)) continue
      const next = join(path, entry.name)
      const kind = entry.isFile() ? 'file' : kindOf(next)
      if (kind === 'file') found.push(next)
      if (kind === 'round') leadsAstray(next, 'round')
      if (kind === 'directory')
        await walk(next, entry.isSymbolicLink() ? realpathSync(next) : join(real, entry.name), [
          ...above,
          real,
        ])
    }
  }

  await walk(directory, realpathSync(directory), [])
  return found
}

/** The files that a pattern matches, and those in the directories that it matches: each once. */
export async function filesLike(
  pattern: string,
  workspace: string,
  leadsAstray: LeadsAstray,
): Promise<string[]> {
  const found = new Set<string>()
  const directories = new Set<string>()
  for await (const entry of glob(pattern, { cwd: workspace })) {
    if (!isOwn(entry)) continue
    const path = join(workspace, entry)
    const kind = kindOf(path)
    if (kind === 'file') found.add(path)
    if (kind === 'round') leadsAstray(path, 'round')
    if (kind === 'directory' && !goesIn(pattern)) directories.add(path)
  }
  for (const directory of directories) {
    // Its files are those of the directory above.
    if (parentsOf(directory).some(parent => directories.has(parent))) continue
    for (const file of await filesIn(directory, workspace, leadsAstray)) found.add(file)
  }
  return [...found]
}

/** A `**` descends into directories, and skips hidden entries as every wildcard does. */
const goesIn = (pattern: string): boolean => /(?:^|\/)\*\*(?:\/\*)?\/?$/.test(pattern)
