import { posix } from 'node:path'
import type { Problem } from '../../core/errors.ts'
import { quoteIfNeeded } from '../../core/format-command.ts'
import type { InputName } from '../../inputs/inputs.ts'
import type { DeployPlan } from '../plan.ts'
import type { Answer } from './answer.ts'
import type { LockedFile, Project, ProjectState, TargetFacts } from './facts.ts'
import { restoredRun } from './release.ts'

/** Parses the uploads that the login may not write (staging.sh). */
export const lockedUploadsOf = (answer: Answer): Pick<Project, 'lockedUploads'> =>
  answer.has('staged.locked') ? { lockedUploads: readFiles(answer.lines('staged.locked')) } : {}

/** Parses the copied files, and files of kept releases, that the login may not write (state.sh). */
export function readLocked(answer: Answer): Pick<ProjectState, 'lockedCopies' | 'lockedKept'> {
  const kept = answer.sections
    .filter(({ name }) => name === 'locked.kept')
    .map(({ lines: [run = '', ...files] }) => [run, readFiles(files)] as const)
    .filter(([, files]) => files.length > 0)
  const copies = readFiles(answer.lines('locked.copied'))
  return {
    ...(copies.length > 0 ? { lockedCopies: copies } : {}),
    ...(kept.length > 0 ? { lockedKept: Object.fromEntries(kept) } : {}),
  }
}

const readFiles = (lines: readonly string[]): LockedFile[] =>
  lines.flatMap(line => {
    const [directory = '', path] = line.split('\t')
    return path === undefined ? [] : [{ directory, path }]
  })

/**
 * Finds the directories in which the deploy must write, delete or restore files, but the login may not. Otherwise the
 * deploy would stop half-way on the server, after the build. Returns one problem for each directory.
 */
export function lockedFiles({ project, services, tools }: TargetFacts, plan: DeployPlan): Problem[] {
  const { lockedUploads = [], lockedCopies = [], lockedKept = {} } = project
  const { payload, rollbackTo } = plan
  const uploads = new Set(payload?.files.map(({ remote }) => remote))
  const run = rollbackTo === undefined ? undefined : restoredRun(services, project, rollbackTo)
  const problem = (input: InputName, verb: string, files: readonly LockedFile[]): Problem[] =>
    perDirectory(files).map(({ directory, path }) => {
      const absolute = posix.join(project.directory, directory)
      return {
        input,
        cause: `\`${input}\` ${verb} \`${path}\`, but \`${tools.login.user}\` may not write to \`${absolute}\` on the server.`,
        remedy: `Run \`sudo chown ${tools.login.user} ${quoteIfNeeded(absolute)}\` there, or give a group of that user write access to the directory.`,
      }
    })
  return [
    ...problem(
      'files',
      'uploads',
      lockedUploads.filter(({ path }) => uploads.has(path)),
    ),
    ...problem(
      'env',
      'changes',
      lockedUploads.filter(({ path }) => !uploads.has(path)),
    ),
    ...(payload?.filesDelete === true
      ? problem(
          'files-delete',
          'deletes',
          lockedCopies.filter(({ path }) => !uploads.has(path) && path !== payload.envFile),
        )
      : []),
    ...(run === undefined ? [] : problem('rollback-to', 'restores', lockedKept[run] ?? [])),
  ]
}

const perDirectory = (files: readonly LockedFile[]): LockedFile[] =>
  files.filter((file, index) => files.findIndex(({ directory }) => directory === file.directory) === index)
