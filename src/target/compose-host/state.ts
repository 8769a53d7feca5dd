import type { Problem } from '../../core/errors.ts'
import type { ServerFacts } from './facts.ts'
import type { EnvSet } from './solve.ts'

/** Every user who deploys must be able to write the same lock, record and history, and the `.env` where it changes. */
export function stateProblems({ project, tools }: ServerFacts, envSet: EnvSet): Problem[] {
  const { directory, base, stateWritable, writable, envFile } = project
  const { user } = tools.login
  const state = `${directory}/.slipway`
  const problems: Problem[] = []
  if (!stateWritable) {
    problems.push({
      cause: `\`${user}\` may not write \`${state}\` on the server, where the lock, the record and the history of the deploys are kept.`,
      remedy: `Run \`sudo install -d -o ${user} -m 2770 ${state}\` there; for several users, give it a group that they share.`,
    })
  }
  if (!writable && Object.keys(envSet).length > 0) {
    problems.push({
      cause: `\`${user}\` may not write in \`${base}\` on the server, and \`${envFile}\` decides the image.`,
      remedy: `Give the directory to \`${user}\`, or to a group that may write there.`,
    })
  }
  return problems
}
