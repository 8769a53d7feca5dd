import type { Command, Run } from '../core/command.ts'
import type { Context } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import { validDate } from './trigger.ts'

/** Returns when the commit was made, by the checked-out repository; `undefined` where that repository does not know. */
export async function gitCommitDate(context: Context, sha: string, run: Run): Promise<Date | undefined> {
  if (!/^[0-9a-f]{40,64}$/.test(sha)) return undefined
  const object = await ask(git(context, 'cat-file', 'commit', sha), run)
  return object === undefined ? undefined : committed(object)
}

/** Reads the date of the committer from a commit object (https://git-scm.com/docs/git-commit-tree). */
export function committed(object: string): Date | undefined {
  const [head = ''] = object.split('\n\n', 1)
  const [, seconds] = /^committer .*> (\d{1,11}) [+-]\d{4}$/m.exec(head) ?? []
  return seconds === undefined ? undefined : validDate(Number(seconds) * 1000)
}

/** Returns the context with the ref and the commit that are checked out, for `metadata-context: git`. */
export async function gitContext(context: Context, run: Run, findings: Findings): Promise<Context> {
  const [sha, branch, refs] = await Promise.all([
    ask(git(context, 'rev-parse', '--verify', 'HEAD'), run),
    ask(git(context, 'symbolic-ref', '-q', 'HEAD'), run),
    ask(git(context, 'for-each-ref', '--points-at=HEAD', '--format=%(refname)'), run),
  ])
  const ref = branch ?? detachedRef((refs ?? '').split('\n'))
  if (sha !== undefined && ref !== undefined) return { ...context, sha, ref }
  findings.problems.push({
    input: 'metadata-context',
    cause: '`metadata-context` is `git`, and git cannot tell which branch or tag is checked out.',
    remedy: 'Check the repository out before this step (actions/checkout), or leave `metadata-context` off.',
  })
  return context
}

/**
 * The workspace may hold a `.git/config` that an earlier step or a pull request wrote, and git runs programs that its
 * configuration names. Only plumbing that reads objects and refs is called: none of it starts a pager, a signature
 * check, a hook, a file system monitor or a fetch, and what could start one is switched off as well.
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
    // In a job that runs in a container another user owns the workspace. Only this one directory is accepted.
    `safe.directory=${workspace}`,
  ]
    .flatMap(word => (word.startsWith('--') ? [word] : ['-c', word]))
    .concat('-C', workspace, ...args),
  env: {
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_NO_LAZY_FETCH: '1',
    // Older versions of git do not know the line above: then a fetch has no protocol that it may use.
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
  },
})

/** Returns what git prints; `undefined` where there is no git or no repository, which is no reason to fail. */
async function ask(command: Command, run: Run): Promise<string | undefined> {
  const outcome = await run(command).catch(() => undefined)
  const said = outcome?.code === 0 ? outcome.stdout.trim() : ''
  return said === '' ? undefined : said
}

/** Picks the ref that a detached HEAD was checked out from: a tag, a pull request, a branch of this clone, of its origin. */
export function detachedRef(refs: readonly string[]): string | undefined {
  // As `git log --decorate` orders them, whose first one docker/metadata-action takes.
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
