import type { Context } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import { mayUseSecrets, trustOf } from '../github/trust.ts'
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
 * Returns the inputs of the build without those that a fork's code must not have. GitHub gives `pull_request_target` and
 * `workflow_run` the secrets of the repository and a token that may write, whoever the pull request is from; the
 * workflow has to say by `push: true` that this is meant.
 */
export function withhold(inputs: Inputs, context: Context, { warnings }: Findings): Inputs {
  if (trustOf(context) !== 'fork-with-secrets') return inputs
  if (mayUseSecrets(inputs, context)) {
    warnings.push(
      `This ${context.eventName} run is for a fork, and \`push: true\` gives it what the repository's own runs have: the fork's code can use the secrets of the build, and what it makes is pushed and deployed.`,
    )
    return inputs
  }
  const names = withheld.filter(name => inputs[name] !== '')
  if (names.length > 0) {
    const list = names.map(name => `\`${name}\``).join(', ')
    warnings.push(
      `This ${context.eventName} run is for a fork: the build does not get ${list} unless \`push: true\` says so.`,
    )
  }
  const none = Object.fromEntries([...withheld, 'github-token'].map(name => [name, '']))
  return { ...inputs, ...none }
}
