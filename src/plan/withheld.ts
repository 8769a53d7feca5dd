import type { Context } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import { isPrivileged, mayUseSecrets, trustOf } from '../github/trust.ts'
import type { InputName, Inputs } from '../inputs/inputs.ts'

/**
 * Inputs that an untrusted Dockerfile could abuse: to read secrets, to poison the cache of trusted runs, or to escape
 * from the build.
 */
const withheld = [
  'secrets',
  'secret-envs',
  'secret-files',
  'ssh',
  'cache-to',
  'allow',
] as const satisfies InputName[]

/**
 * Returns the inputs of the build; for an untrusted run without those that its code must not get. GitHub gives
 * `pull_request_target`, `workflow_run` and `issue_comment` the secrets of the repository and a token with write
 * permission, no matter who wrote the pull request or the comment. The workflow opts in with `push: true`.
 */
export function withhold(inputs: Inputs, context: Context, { warnings }: Findings): Inputs {
  const trust = trustOf(context)
  if (!isPrivileged(trust)) return inputs
  const run = `This ${context.eventName} run ${trust === 'anyone' ? 'could have been started by anyone' : 'is for a fork'}`
  if (mayUseSecrets(inputs, context)) {
    warnings.push(
      `${run}, and \`push: true\` trusts it like the repository's own runs: the checked-out code can use the secrets of the build, and its image is pushed and deployed.`,
    )
    return inputs
  }
  const names = withheld.filter(name => inputs[name] !== '')
  if (names.length > 0) {
    const list = names.map(name => `\`${name}\``).join(', ')
    warnings.push(`${run}: the build does not get ${list} unless you set \`push: true\`.`)
  }
  const none = Object.fromEntries([...withheld, 'github-token'].map(name => [name, '']))
  return { ...inputs, ...none }
}
