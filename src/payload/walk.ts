import { realpathSync, statSync } from 'node:fs'
import { glob, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parentsOf, within } from './inside.ts'

/** Told of what cannot be brought: a link that leads out of the workspace, or round in a circle. */
export type LeadsAstray = (path: string, where: 'out' | 'round') => void

/** What is there, or where a link leads. */
export function kindOf(path: string): 'file' | 'directory' | 'round' | undefined {
  try {
    const state = statSync(path, { throwIfNoEntry: false })
    return state?.isFile() ? 'file' : state?.isDirectory() ? 'directory' : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return 'round'
    throw error
  }
}

/** A repository's own history is nobody's file. */
const isOwn = (path: string): boolean => !/(?:^|\/)\.git(?:\/|$)/.test(path)

/** The files in a directory at any depth, and behind links to directories of the workspace. */
export async function filesIn(
  directory: string,
  workspace: string,
  leadsAstray: LeadsAstray,
): Promise<string[]> {
  const root = realpathSync(workspace)
  const found: string[] = []

  /** `above` are the directories on the way, as they are without links. */
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

/** Such a pattern goes into directories by itself, and passes over what is hidden in them, as every wildcard does. */
const goesIn = (pattern: string): boolean => /(?:^|\/)\*\*(?:\/\*)?\/?$/.test(pattern)
