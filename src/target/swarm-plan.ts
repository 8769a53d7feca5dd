import type { Findings } from '../core/findings.ts'
import type { InputName, Inputs } from '../inputs/inputs.ts'
import { boolean } from '../inputs/values.ts'

/** The Swarm that a deploy is for. */
export interface SwarmPlan {
  /** Undefined: `service` gives the full name of each service. */
  readonly stack: string | undefined
  /** The nodes get the registry login of the job, which expires with it, as no separate login is set for them. */
  readonly usesJobLogin: boolean
}

/** Parses the Swarm inputs; undefined unless `stack` or `swarm: true` selects a Swarm. */
export function planSwarm(inputs: Inputs, findings: Findings): SwarmPlan | undefined {
  const { stack } = inputs
  const swarm = boolean(inputs, 'swarm', findings, stack !== '')
  if (stack !== '' && !swarm) {
    findings.problems.push({
      input: 'swarm',
      cause: '`swarm` is `false`, but `stack` names a stack, which only a Swarm has.',
      remedy: 'Remove one of them.',
    })
  }
  if (!swarm && stack === '') return undefined
  findings.problems.push(...problemsOf(inputs, stack))
  const usesJobLogin =
    inputs['server-registry-password'] === '' && boolean(inputs, 'server-login', findings, true)
  return { stack: stack === '' ? undefined : stack, usesJobLogin }
}

function problemsOf(inputs: Inputs, stack: string) {
  const unsupportedInputs = unsupported
    .filter(({ input, allowed }) => !(allowed as readonly string[]).includes(inputs[input]))
    .map(({ input, remedy }) => ({
      input,
      cause: `\`${input}\` has no effect on a Swarm.`,
      remedy,
    }))
  const stackName =
    stack === '' || /^[a-zA-Z0-9][a-zA-Z0-9_-]*$/.test(stack)
      ? []
      : [
          {
            input: 'stack' as const,
            cause: `\`stack\` is \`${stack}\`, which is not a valid stack name.`,
            remedy: 'A name consists of letters, digits, `-` and `_`, and begins with a letter or a digit.',
          },
        ]
  const files =
    stack === '' && inputs['compose-files'] !== ''
      ? [
          {
            input: 'compose-files' as const,
            cause: '`compose-files` is set with `swarm`, but no `stack` says which stack the files are for.',
            remedy: 'Add `stack: NAME`.',
          },
        ]
      : []
  return [...unsupportedInputs, ...stackName, ...files]
}

const updateConfig = 'Remove it: `update_config` in the stack file decides how tasks are replaced.'
const hooks = 'Remove it: `host-before` and `host-after` run commands on the manager.'

/** Inputs that only a Compose host supports, and their values that are allowed on a Swarm: empty, or the default. */
const unsupported: readonly {
  readonly input: InputName
  readonly allowed: readonly string[]
  readonly remedy: string
}[] = [
  { input: 'strategy', allowed: ['', 'recreate'], remedy: updateConfig },
  { input: 'drain', allowed: ['', '10'], remedy: updateConfig },
  { input: 'withdraw', allowed: ['', 'health'], remedy: updateConfig },
  { input: 'proxy-reload', allowed: [''], remedy: updateConfig },
  { input: 'overlap', allowed: [''], remedy: updateConfig },
  {
    input: 'compose-env-files',
    allowed: [''],
    remedy: 'Remove it: the variables of a stack file come from `env-file`.',
  },
  {
    input: 'remove-orphans',
    allowed: ['', 'false'],
    remedy: 'Remove it: services that are no longer in the stack file keep running.',
  },
  { input: 'project-name', allowed: [''], remedy: 'Remove it: `stack` is the name.' },
  { input: 'run-before', allowed: [''], remedy: hooks },
  { input: 'run-after', allowed: [''], remedy: hooks },
  { input: 'exec-before', allowed: [''], remedy: hooks },
  { input: 'exec-after', allowed: [''], remedy: hooks },
]

/** Returns the name of the state directory. It contains a `.`, which no Compose project name does. */
export const stateName = ({ stack }: Pick<SwarmPlan, 'stack'>): string =>
  stack === undefined ? 'swarm.services' : `stack.${stack}`

/** Returns the stack of a state directory: empty if its services have none, undefined if it is a Compose project's. */
export const stackOf = (state: string): string | undefined =>
  state === 'swarm.services' ? '' : state.startsWith('stack.') ? state.slice('stack.'.length) : undefined

/** Returns the name of a service in the swarm. */
export const fullName = ({ stack }: Pick<SwarmPlan, 'stack'>, service: string): string =>
  stack === undefined ? service : `${stack}_${service}`

/**
 * Returns the seconds for which all tasks must stay up. With several nodes, they are more than three heartbeats, as a
 * node that died within the last three still counts as up.
 */
export const steadyFor = (
  stability: number,
  swarm: { readonly nodes: readonly unknown[]; readonly heartbeat: number } | undefined,
): number =>
  swarm === undefined || swarm.nodes.length < 2 ? stability : Math.max(stability, 3 * swarm.heartbeat + 2)
