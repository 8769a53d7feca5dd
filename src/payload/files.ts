import { existsSync, realpathSync, statSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import type { Findings } from '../core/findings.ts'
import { lines } from '../inputs/lists.ts'
import { hasControl, inside, parentsOf, within } from './inside.ts'
import { filesIn, filesLike, kindOf, type LeadsAstray } from './walk.ts'

/** A file of the workspace to upload, and its path on the server. */
export interface PayloadFile {
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
 * Finds the files that lines of `local` or `local -> remote` name, sorted by their remote path. A directory stands for
 * its files, a glob for its matches with the directories from its first wildcard on; `remote` is then a directory. A
 * `remote` that ends with `/` is one as well.
 */
export async function findFiles(text: string, workspace: string, findings: Findings): Promise<PayloadFile[]> {
  const found = new Map<string, PayloadFile>()
  for (const line of lines(text)) {
    const [local = '', remote, ...more] = line.split(/\s+->\s+/)
    const from = posix.normalize(local)
    const to = remote === undefined ? undefined : posix.normalize(remote)
    if (more.length > 0 || !inside(from) || (to !== undefined && !inside(to)) || !existsSync(workspace)) {
      findings.problems.push(outside(line))
      continue
    }
    const before = findings.problems.length
    const files = await filesOf(from, to, workspace, (path, where) => {
      const name = relative(workspace, path)
      findings.problems.push(where === 'out' ? outside(name) : round(name))
    })
    const silent = findings.problems.length === before
    if (files.length === 0 && silent) findings.problems.push(nothing(line, workspace))
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

const round = (path: string) => ({
  input: 'files' as const,
  cause: `\`files\` has \`${path}\`, a symbolic link that points back to itself.`,
  remedy: 'Remove the link, or name what is beside it.',
})

type Named = Pick<PayloadFile, 'local' | 'remote'>

async function filesOf(
  from: string,
  to: string | undefined,
  workspace: string,
  leadsAstray: LeadsAstray,
): Promise<Named[]> {
  const path = join(workspace, from)
  const kind = kindOf(path)
  if (kind === 'file') {
    const remote =
      to === undefined ? from : to === '.' || to.endsWith('/') ? join(to, posix.basename(from)) : to
    return [{ local: path, remote: posix.normalize(remote) }]
  }
  const start = kind === 'directory' ? from : fixedPart(from)
  const found = await (kind === 'directory'
    ? filesIn(path, workspace, leadsAstray)
    : filesLike(from, workspace, leadsAstray))
  return found.map(local => {
    const rest = relative(join(workspace, start), local).split(sep).join('/')
    return { local, remote: posix.normalize(posix.join(to ?? start, rest)) }
  })
}

/** Returns the directories of a glob before its first wildcard. */
function fixedPart(pattern: string): string {
  const parts = pattern.split('/')
  const wild = parts.findIndex(part => /[*?[\]{}!]/.test(part))
  return parts.slice(0, wild < 0 ? -1 : wild).join('/') || '.'
}

/** Adds a file; rejects links that leave the workspace, and names that a list with one name a line cannot hold. */
function take(file: Named, found: Map<string, PayloadFile>, workspace: string, { problems }: Findings): void {
  const { local, remote } = file
  const leaves = !within(realpathSync(local), realpathSync(workspace))
  const other = found.get(remote)
  if (leaves || !inside(remote)) problems.push(outside(relative(workspace, local)))
  else if (hasControl(remote)) {
    problems.push({
      input: 'files',
      cause: `\`files\` has ${JSON.stringify(remote)}, whose name has a control character or a backslash.`,
      remedy: 'Give it another name.',
    })
  } else if (other !== undefined && other.local !== local) {
    problems.push({
      input: 'files',
      cause: `\`files\` uploads both \`${relative(workspace, other.local)}\` and \`${relative(workspace, local)}\` to \`${remote}\`.`,
      remedy: 'Upload each to a path of its own.',
    })
  } else {
    const { mode, size } = statSync(local)
    found.set(remote, { ...file, mode: mode & 0o777, size })
  }
}

/** Rejects a path that would be a file and a directory at once. */
function refuseBoth(found: ReadonlyMap<string, PayloadFile>, { problems }: Findings): void {
  const told = new Set<string>()
  for (const remote of found.keys()) {
    const above = parentsOf(remote).find(parent => found.has(parent))
    if (above === undefined || told.has(above)) continue
    told.add(above)
    problems.push({
      input: 'files',
      cause: `\`files\` uploads \`${above}\` as a file, and \`${remote}\` into it.`,
      remedy: 'Upload one of them to another path.',
    })
  }
}
