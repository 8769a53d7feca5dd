import type { Command, Run } from '../core/command.ts'
import type { Context } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import { validDate } from './trigger.ts'

/** Reads the date of a commit from the checked-out repository; undefined if the repository does not have the commit. */
export async function gitCommitDate(context: Context, sha: string, run: Run): Promise<Date | undefined> {
  if (!/^[0-9a-f]{40,64}$/.test(sha)) return undefined
  const object = await output(git(context, 'cat-file', 'commit', sha), run)
  return object === undefined ? undefined : committerDate(object)
}

/** Parses the date of the committer in a commit object (https://git-scm.com/docs/git-commit-tree). */
export function committerDate(object: string): Date | undefined {
  const [head = ''] = object.split('\n\n', 1)
  const [, seconds] = /^committer .*> (\d{1,11}) [+-]\d{4}$/m.exec(head) ?? []
  return seconds === undefined ? undefined : validDate(Number(seconds) * 1000)
}

/** Replaces the ref and the commit of the context by the checked-out ones, for `metadata-context: git`. */
export async function gitContext(context: Context, run: Run, findings: Findings): Promise<Context> {
  const [sha, branch, refs] = await Promise.all([
    output(git(context, 'rev-parse', '--verify', 'HEAD'), run),
    output(git(context, 'symbolic-ref', '-q', 'HEAD'), run),
    output(git(context, 'for-each-ref', '--points-at=HEAD', '--format=%(refname)'), run),
  ])
  const ref = branch ?? detachedRef((refs ?? '').split('\n'))
  if (sha !== undefined && ref !== undefined) return { ...context, sha, ref }
  findings.problems.push({
    input: 'metadata-context',
    cause: '`metadata-context` is `git`, but git cannot determine which branch or tag is checked out.',
    remedy: 'Run actions/checkout before this step, or remove `metadata-context`.',
  })
  return context
}

/**
 * Returns a git command that runs no program from the repository's configuration. An earlier step or a pull request may
 * have written `.git/config` in the workspace, and git runs programs that its configuration names. Slipway therefore
 * calls only plumbing commands that read objects and refs. They start no pager, signature check, hook, file system
 * monitor or fetch; the settings that could start one are also switched off.
 */
const git = ({ workspace }: Context, ...args: string[]): Command => ({
  file: 'git',
  args: [
    '--no-pager',
    '--no-replace-objects',
    ...[
      'core.fsmonitor=false',
      'core.hooksPath=/dev/null',
      'core.alternateRefsCommand=',
      'log.showSignature=false',
    ],
    // In a job that runs in a container, another user owns the workspace. Git may trust only this directory.
    `safe.directory=${workspace}`,
  ]
    .flatMap(option => (option.startsWith('--') ? [option] : ['-c', option]))
    .concat('-C', workspace, ...args),
  env: {
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_NO_LAZY_FETCH: '1',
    // Older versions of git ignore GIT_NO_LAZY_FETCH; without an allowed protocol they cannot fetch either.
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
  },
})

/** Returns the output of a git command; undefined without git or a repository, which is not an error. */
async function output(command: Command, run: Run): Promise<string | undefined> {
  const outcome = await run(command).catch(() => undefined)
  const text = outcome?.code === 0 ? outcome.stdout.trim() : ''
  return text === '' ? undefined : text
}

/**
 * Picks the ref that a detached HEAD was checked out from. The order of preference is a tag, a pull request, a branch
 * of this clone, a branch of its origin.
 */
export function detachedRef(refs: readonly string[]): string | undefined {
  // The order of `git log --decorate`, from which docker/metadata-action takes the first ref.
  const names = refs.toSorted().reverse()
  const pull = names.map(name => /^refs\/(?:remotes\/)?(pull\/\d+\/(?:head|merge))$/.exec(name)?.[1])
  const remote = names.map(name => /^refs\/remotes\/[^/]+\/(.+)$/.exec(name)?.[1])
  const merge = pull.find(name => name !== undefined)
  const branch = remote.find(name => name !== undefined && name !== 'HEAD')
  return (
    names.find(name => name.startsWith('refs/tags/')) ??
    (merge === undefined ? undefined : `refs/${merge}`) ??
    names.find(name => name.startsWith('refs/heads/')) ??
    (branch === undefined ? undefined : `refs/heads/${branch}`)
  )
}
