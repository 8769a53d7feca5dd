import { existsSync, realpathSync, type Stats, statSync } from 'node:fs'
import { glob, readdir } from 'node:fs/promises'
import { join, posix, relative, sep } from 'node:path'
import type { Findings } from '../findings.ts'
import { lines } from '../lists.ts'
import { inside } from './inside.ts'

/** A file of the workspace, and where it goes. */
export interface BroughtFile {
  /** Absolute, on this machine. */
  readonly local: string
  /** Relative to the project directory; no `.`, no `..`. */
  readonly remote: string
  /** The permission bits. */
  readonly mode: number
  /** In bytes. */
  readonly size: number
}

/**
 * The files that lines of `local` or `local -> remote` mean, sorted by where they go. A directory brings what is in
 * it, a glob what it matches with the directories from its first wildcard on; `remote` is then a directory. A remote
 * that ends with `/` is one, too.
 */
export async function findFiles(text: string, workspace: string, findings: Findings): Promise<BroughtFile[]> {
  const found = new Map<string, BroughtFile>()
  for (const line of lines(text)) {
    const [local = '', remote, ...more] = line.split(/\s+->\s+/)
    const from = posix.normalize(local)
    const to = remote === undefined ? undefined : posix.normalize(remote)
    if (more.length > 0 || !inside(from) || (to !== undefined && !inside(to)) || !existsSync(workspace)) {
      findings.problems.push(outside(line))
      continue
    }
    const files = await filesOf(from, to, workspace)
    if (files.length === 0) findings.problems.push(nothing(line, workspace))
    for (const file of files) take(file, found, workspace, findings)
  }
  refuseBoth(found, findings)
  return [...found.values()].sort((one, other) => (one.remote < other.remote ? -1 : 1))
}

const outside = (line: string) => ({
  input: 'files' as const,
  cause: `\`files\` has \`${line}\`, whose path leaves the workspace or \`project-directory\`.`,
  remedy: 'Write `local` or `local -> remote`, both relative and without a way out (`..`).',
})

const nothing = (line: string, workspace: string) => ({
  input: 'files' as const,
  cause: `\`files\` has \`${line}\`, and there is no such file in the workspace (\`${workspace}\`).`,
  remedy: 'Is the repository checked out, and does the path start at its root?',
})

type Named = Pick<BroughtFile, 'local' | 'remote'>

async function filesOf(from: string, to: string | undefined, workspace: string): Promise<Named[]> {
  const path = join(workspace, from)
  const state = statOf(path)
  if (state?.isFile()) {
    const remote =
      to === undefined ? from : to === '.' || to.endsWith('/') ? join(to, posix.basename(from)) : to
    return [{ local: path, remote: posix.normalize(remote) }]
  }
  const start = state?.isDirectory() ? from : fixedPart(from)
  const matches = state?.isDirectory() ? await filesIn(path) : await matchesOf(from, workspace)
  return matches.map(local => {
    const rest = relative(join(workspace, start), local).split(sep).join('/')
    return { local, remote: posix.normalize(posix.join(to ?? start, rest)) }
  })
}

/** The directories of a glob before its first wildcard. */
function fixedPart(pattern: string): string {
  const parts = pattern.split('/')
  const wild = parts.findIndex(part => /[*?[\]{}!]/.test(part))
  return parts.slice(0, wild < 0 ? -1 : wild).join('/') || '.'
}

/** A repository's own history is nobody's file. */
const isOwn = (path: string): boolean => !/(?:^|\/)\.git(?:\/|$)/.test(path)

async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true })
  return entries
    .filter(isOwn)
    .map(entry => join(directory, entry))
    .filter(isFile)
}

async function matchesOf(pattern: string, workspace: string): Promise<string[]> {
  const found: string[] = []
  for await (const entry of glob(pattern, { cwd: workspace }))
    if (isOwn(entry)) found.push(join(workspace, entry))
  return found.filter(isFile)
}

const isFile = (path: string): boolean => statOf(path)?.isFile() === true

const statOf = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false })

/** A link may lead out of the workspace, and a name may hold what no list of names can. */
function take(file: Named, found: Map<string, BroughtFile>, workspace: string, { problems }: Findings): void {
  const { local, remote } = file
  const real = relative(realpathSync(workspace), realpathSync(local))
  const other = found.get(remote)
  if (real.startsWith('..') || !inside(remote)) problems.push(outside(relative(workspace, local)))
  else if (hasControl(remote)) {
    problems.push({
      input: 'files',
      cause: `\`files\` brings ${JSON.stringify(remote)}, whose name has a control character or a backslash.`,
      remedy: 'Give it another name.',
    })
  } else if (other !== undefined && other.local !== local) {
    problems.push({
      input: 'files',
      cause: `\`files\` brings both \`${relative(workspace, other.local)}\` and \`${relative(workspace, local)}\` to \`${remote}\`.`,
      remedy: 'Give each a place of its own.',
    })
  } else {
    const { mode, size } = statSync(local)
    found.set(remote, { ...file, mode: mode & 0o777, size })
  }
}

/** Control characters and the backslash, which `sha256sum` writes in another way. */
const hasControl = (name: string): boolean =>
  [...name].some(char => char < ' ' || char === '\x7f' || char === '\\')

/** A path cannot be a file and a directory. */
function refuseBoth(found: ReadonlyMap<string, BroughtFile>, { problems }: Findings): void {
  for (const remote of found.keys()) {
    const above = posix.dirname(remote)
    if (!found.has(above)) continue
    problems.push({
      input: 'files',
      cause: `\`files\` brings \`${above}\` as a file, and \`${remote}\` into it.`,
      remedy: 'Give one of them another place.',
    })
  }
}
