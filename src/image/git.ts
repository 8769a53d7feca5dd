import type { Command, Run } from '../core/command.ts'
import type { Context } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import { validDate } from './trigger.ts'

/** When the commit was made, by the checked out repository; `undefined` where that is not known there. */
export async function gitCommitDate(context: Context, sha: string, run: Run): Promise<Date | undefined> {
  const shown = await ask(git(context, 'show', '-s', '--format=%cI', sha), run)
  return shown === undefined ? undefined : validDate(shown)
}

/** The context with the ref and the commit that are checked out, for `metadata-context: git`. */
export async function gitContext(context: Context, run: Run, findings: Findings): Promise<Context> {
  const [sha, branch, names] = await Promise.all([
    ask(git(context, 'rev-parse', 'HEAD'), run),
    ask(git(context, 'symbolic-ref', '-q', 'HEAD'), run),
    ask(git(context, 'show', '-s', '--format=%D', 'HEAD'), run),
  ])
  const ref = branch ?? detachedRef(names ?? '')
  if (sha !== undefined && ref !== undefined) return { ...context, sha, ref }
  findings.problems.push({
    input: 'metadata-context',
    cause: '`metadata-context` is `git`, and git does not say which branch or tag is checked out.',
    remedy: 'Check the repository out before this step (actions/checkout), or leave `metadata-context` off.',
  })
  return context
}

const git = ({ workspace }: Context, ...args: string[]): Command => ({
  file: 'git',
  // A workspace that another user owns is what a job in a container has.
  args: ['-c', 'safe.directory=*', '-C', workspace, ...args],
})

/** Without git or a repository there is nothing to know, which is no reason to fail. */
async function ask(command: Command, run: Run): Promise<string | undefined> {
  const outcome = await run(command).catch(() => undefined)
  const said = outcome?.code === 0 ? outcome.stdout.trim() : ''
  return said === '' ? undefined : said
}

/** `HEAD, tag: v1.2.3`, `grafted, HEAD, pull/7/merge` or `HEAD, origin/main, main`: what git decorates a commit with. */
export function detachedRef(decoration: string): string | undefined {
  const names = decoration.split(', ').filter(name => !['', 'grafted', 'HEAD'].includes(name))
  const [first] = names
  if (first === undefined) return undefined
  if (first.startsWith('tag: ')) return `refs/tags/${first.slice('tag: '.length)}`
  if (/^pull\/\d+\/(?:head|merge)$/.test(first)) return `refs/${first}`
  const local = names.find(name => !name.includes('/')) ?? first.replace(/^[^/]+\//, '')
  return `refs/heads/${local}`
}
