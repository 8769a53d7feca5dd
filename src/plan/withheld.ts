import type { Context } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import { isPrivileged, mayUseSecrets, trustOf } from '../github/trust.ts'
import type { InputName, Inputs } from '../inputs/inputs.ts'

/** What a Dockerfile could read, or leave for the repository's own runs, or use to get out of the build. */
const withheld = [
  'secrets',
  'secret-envs',
  'secret-files',
  'ssh',
  'cache-to',
  'allow',
] as const satisfies InputName[]

/**
 * Returns the inputs of the build without those that a stranger's code must not have. GitHub gives `pull_request_target`,
 * `workflow_run` and `issue_comment` the secrets of the repository and a token that may write, whoever the pull request
 * or the comment is from; the workflow has to say by `push: true` that this is meant.
 */
export function withhold(inputs: Inputs, context: Context, { warnings }: Findings): Inputs {
  const trust = trustOf(context)
  if (!isPrivileged(trust)) return inputs
  const run = `This ${context.eventName} run ${trust === 'stranger' ? 'can have been started by anybody' : 'is for a fork'}`
  if (mayUseSecrets(inputs, context)) {
    warnings.push(
      `${run}, and \`push: true\` gives it what the repository's own runs have: the code that is checked out can use the secrets of the build, and what it makes is pushed and deployed.`,
    )
    return inputs
  }
  const names = withheld.filter(name => inputs[name] !== '')
  if (names.length > 0) {
    const list = names.map(name => `\`${name}\``).join(', ')
    warnings.push(`${run}: the build does not get ${list} unless \`push: true\` says so.`)
  }
  const none = Object.fromEntries([...withheld, 'github-token'].map(name => [name, '']))
  return { ...inputs, ...none }
}
