import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import type { Findings } from '../core/findings.ts'
import { lines } from '../inputs/lists.ts'
import { hasControl, isWithin, parentsOf, staysInside } from './paths.ts'
import { filesIn, filesLike, isOutsideGit, kindOf, type RejectLink } from './walk.ts'

/** A file of the workspace to upload, and its path on the server. */
export interface PayloadFile {
  /** The absolute path on this machine. */
  readonly local: string
  /** The path relative to the project directory, without `.` and `..`. */
  readonly remote: string
  /** The permission bits. */
  readonly mode: number
  /** In bytes. */
  readonly size: number
}

/**
 * Finds the files that lines of `local` or `local -> remote` name. Returns them sorted by their remote path. A
 * directory means all files in it. A glob means its matches, which keep their directories from the first wildcard on.
 * In both cases, and if it ends with `/`, `remote` is a directory.
 */
export async function findFiles(text: string, workspace: string, findings: Findings): Promise<PayloadFile[]> {
  const found = new Map<string, PayloadFile>()
  for (const line of lines(text)) {
    const [local = '', remote, ...more] = line.split(/\s+->\s+/)
    const from = posix.normalize(local)
    const to = remote === undefined ? undefined : posix.normalize(remote)
    const leaves = !staysInside(from) || (to !== undefined && !staysInside(to))
    if (more.length > 0 || leaves || !existsSync(workspace)) {
      findings.problems.push(outside(line))
      continue
    }
    const before = findings.problems.length
    try {
      const files = await filesOf(from, to, workspace, (path, why) => {
        const name = relative(workspace, path)
        findings.problems.push(why === 'outside' ? outside(name) : linkLoop(name))
      })
      const hasProblems = findings.problems.length > before
      if (files.length === 0 && !hasProblems) findings.problems.push(notFound(line, workspace))
      for (const file of files) addFile(file, found, workspace, findings)
    } catch (error) {
      findings.problems.push(unreadable(error, line, workspace))
    }
  }
  rejectFileAsDirectory(found, findings)
  return [...found.values()].sort((one, other) => (one.remote < other.remote ? -1 : 1))
}

const outside = (line: string) => ({
  input: 'files' as const,
  cause: `\`files\` has \`${line}\`, whose path leaves the workspace or \`project-directory\`.`,
  remedy:
    'Write `local` or `local -> remote`, with relative paths that do not leave these directories by `..`.',
})

const notFound = (line: string, workspace: string) => ({
  input: 'files' as const,
  cause: `\`files\` has \`${line}\`, but there is no such file in the workspace (\`${workspace}\`).`,
  remedy:
    'Check out the repository before this step (`actions/checkout`), and write paths relative to its root.',
})

const inGit = (path: string) => ({
  input: 'files' as const,
  cause: `\`files\` has \`${path}\`, which is in \`.git\`: that may hold tokens, and is never uploaded.`,
  remedy: 'Copy the file to another path in an earlier step.',
})

/** Explains an error of the file system. Throws any other error. */
function unreadable(error: unknown, line: string, workspace: string) {
  const { code, path } = error as NodeJS.ErrnoException
  if (code === undefined || path === undefined) throw error
  return {
    input: 'files' as const,
    cause: `\`files\` has \`${line}\`, but \`${relative(workspace, path)}\` cannot be read (${code}).`,
    remedy:
      'If another user owns it, run `sudo chown -R "$USER" PATH` before this step. A name that is not UTF-8 has to be changed.',
  }
}

const linkLoop = (path: string) => ({
  input: 'files' as const,
  cause: `\`files\` has \`${path}\`, a symbolic link that points back to itself.`,
  remedy: 'Remove the link, or list the other files of its directory one by one.',
})

type FilePaths = Pick<PayloadFile, 'local' | 'remote'>

async function filesOf(
  from: string,
  to: string | undefined,
  workspace: string,
  rejectLink: RejectLink,
): Promise<FilePaths[]> {
  const path = join(workspace, from)
  const kind = kindOf(path)
  if (kind === 'file') {
    const remote =
      to === undefined ? from : to === '.' || to.endsWith('/') ? join(to, posix.basename(from)) : to
    return [{ local: path, remote: posix.normalize(remote) }]
  }
  const start = kind === 'directory' ? from : fixedPart(from)
  const found = await (kind === 'directory'
    ? filesIn(path, workspace, rejectLink)
    : filesLike(from, workspace, rejectLink))
  return found.map(local => {
    const rest = relative(join(workspace, start), local).split(sep).join('/')
    return { local, remote: posix.normalize(posix.join(to ?? start, rest)) }
  })
}

/** Returns the directories of a glob before its first wildcard. */
function fixedPart(pattern: string): string {
  const parts = pattern.split('/')
  const wild = parts.findIndex(part => /[*?[\]{}]|[!@+]\(/.test(part))
  return parts.slice(0, wild < 0 ? -1 : wild).join('/') || '.'
}

/**
 * Adds a file. Rejects links that leave the workspace, and names that do not fit into the lists on the server, which
 * have one name on each line.
 */
function addFile(
  file: FilePaths,
  found: Map<string, PayloadFile>,
  workspace: string,
  { problems }: Findings,
): void {
  const { local, remote } = file
  const real = realpathSync(local)
  const root = realpathSync(workspace)
  const leaves = !isWithin(real, root)
  const other = found.get(remote)
  if (leaves || !staysInside(remote)) problems.push(outside(relative(workspace, local)))
  else if (!isOutsideGit(relative(root, real))) problems.push(inGit(relative(workspace, local)))
  else if (hasControl(remote)) {
    problems.push({
      input: 'files',
      cause: `\`files\` has ${JSON.stringify(remote)}, whose name has a control character or a backslash.`,
      remedy: 'Rename the file.',
    })
  } else if (other !== undefined && other.local !== local) {
    problems.push({
      input: 'files',
      cause: `\`files\` uploads both \`${relative(workspace, other.local)}\` and \`${relative(workspace, local)}\` to \`${remote}\`.`,
      remedy: 'Upload each of them to a different path.',
    })
  } else {
    accessSync(local, constants.R_OK)
    const { mode, size } = statSync(local)
    found.set(remote, { ...file, mode: mode & 0o777, size })
  }
}

/** Rejects a path that would have to be a file and a directory at the same time. */
function rejectFileAsDirectory(found: ReadonlyMap<string, PayloadFile>, { problems }: Findings): void {
  const reported = new Set<string>()
  for (const remote of found.keys()) {
    const parent = parentsOf(remote).find(each => found.has(each))
    if (parent === undefined || reported.has(parent)) continue
    reported.add(parent)
    problems.push({
      input: 'files',
      cause: `\`files\` uploads \`${parent}\` as a file, and \`${remote}\` into it.`,
      remedy: 'Upload one of them to another path.',
    })
  }
}
