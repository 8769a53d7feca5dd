import type { Findings } from '../core/findings.ts'
import type { InputName, Inputs } from '../inputs/inputs.ts'
import { boolean } from '../inputs/values.ts'

/** A Swarm as the target of a deploy. */
export interface SwarmPlan {
  /** Undefined: each service is named in full. */
  readonly stack: string | undefined
  /** Nobody gave the nodes a login of their own: they keep that of the job, which expires. */
  readonly lendsLogin: boolean
}

/** Reads whether a Swarm is meant: `stack` says so, or `swarm: true`. */
export function planSwarm(inputs: Inputs, findings: Findings): SwarmPlan | undefined {
  const { stack } = inputs
  const swarm = boolean(inputs, 'swarm', findings, stack !== '')
  if (stack !== '' && !swarm) {
    findings.problems.push({
      input: 'swarm',
      cause: '`swarm` is `false`, and `stack` names a stack, which only a Swarm has.',
      remedy: 'Leave out one of them.',
    })
  }
  if (!swarm && stack === '') return undefined
  findings.problems.push(...refusals(inputs, stack))
  const lendsLogin =
    inputs['server-registry-password'] === '' && boolean(inputs, 'server-login', findings, true)
  return { stack: stack === '' ? undefined : stack, lendsLogin }
}

function refusals(inputs: Inputs, stack: string) {
  const problems = meaningless
    .filter(({ input, harmless }) => !(harmless as readonly string[]).includes(inputs[input]))
    .map(({ input, remedy }) => ({
      input,
      cause: `\`${input}\` has no meaning on a Swarm.`,
      remedy,
    }))
  const named =
    stack === '' || /^[a-zA-Z0-9][a-zA-Z0-9_-]*$/.test(stack)
      ? []
      : [
          {
            input: 'stack' as const,
            cause: `\`stack\` is \`${stack}\`, which is not a valid stack name.`,
            remedy: 'A name has letters, digits, `-` and `_`, and begins with a letter or a digit.',
          },
        ]
  const files =
    stack === '' && inputs['compose-files'] !== ''
      ? [
          {
            input: 'compose-files' as const,
            cause: '`compose-files` is given with `swarm`, and no `stack` that the files are of.',
            remedy: 'Add `stack: NAME`.',
          },
        ]
      : []
  return [...problems, ...named, ...files]
}

const updateConfig = 'Remove it. How tasks are replaced stands in `update_config` of the stack file.'
const hooks = 'Remove it: `host-before` and `host-after` run commands on the manager.'

/** What a single server has and a Swarm has not, with the values that ask for nothing. */
const meaningless: readonly {
  readonly input: InputName
  readonly harmless: readonly string[]
  readonly remedy: string
}[] = [
  { input: 'strategy', harmless: ['', 'recreate'], remedy: updateConfig },
  { input: 'drain', harmless: ['', '10'], remedy: updateConfig },
  { input: 'overlap', harmless: [''], remedy: updateConfig },
  {
    input: 'compose-env-files',
    harmless: [''],
    remedy: 'Remove it: the variables of a stack file come from `env-file`.',
  },
  {
    input: 'remove-orphans',
    harmless: ['', 'false'],
    remedy: 'Remove it: services that a stack file does not have any more stay.',
  },
  { input: 'project-name', harmless: [''], remedy: 'Remove it: `stack` is the name.' },
  { input: 'run-before', harmless: [''], remedy: hooks },
  { input: 'run-after', harmless: [''], remedy: hooks },
  { input: 'exec-before', harmless: [''], remedy: hooks },
  { input: 'exec-after', harmless: [''], remedy: hooks },
]

/** The name of the directory that keeps the state: no Compose project has a `.` in its name. */
export const stateName = ({ stack }: Pick<SwarmPlan, 'stack'>): string =>
  stack === undefined ? 'swarm.services' : `stack.${stack}`

/** The stack of a name of state; empty where services have none, undefined where it is a Compose project's. */
export const stackOf = (state: string): string | undefined =>
  state === 'swarm.services' ? '' : state.startsWith('stack.') ? state.slice('stack.'.length) : undefined

/** A service's name in the swarm. */
export const fullName = ({ stack }: Pick<SwarmPlan, 'stack'>, service: string): string =>
  stack === undefined ? service : `${stack}_${service}`

/**
 * Returns the seconds for which all has to stay as it is: on several nodes, one that died within the last three
 * heartbeats still counts as up.
 */
export const steadyFor = (
  stability: number,
  swarm: { readonly nodes: readonly unknown[]; readonly heartbeat: number } | undefined,
): number =>
  swarm === undefined || swarm.nodes.length < 2 ? stability : Math.max(stability, 3 * swarm.heartbeat + 2)
