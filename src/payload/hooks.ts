import type { Findings } from '../core/findings.ts'
import type { InputName, Inputs } from '../inputs/inputs.ts'
import { lines } from '../inputs/lists.ts'
import { seconds } from '../inputs/values.ts'
import { splitWords } from './words.ts'

/** Commands around the switch, in the order in which they run. */
export interface HookPlan {
  readonly runBefore: readonly RunHook[]
  readonly runAfter: readonly RunHook[]
  /** Lines for the server's `sh`, in the project directory. */
  readonly hostBefore: readonly string[]
  readonly hostAfter: readonly string[]
  /** Of each, in seconds. */
  readonly timeout: number
}

/** A command in the new image of a service. */
export interface RunHook {
  readonly service: string
  readonly words: readonly string[]
}

export const planHooks = (inputs: Inputs, findings: Findings): HookPlan => ({
  runBefore: runHooks(inputs, 'run-before', findings),
  runAfter: runHooks(inputs, 'run-after', findings),
  hostBefore: lines(inputs['host-before']),
  hostAfter: lines(inputs['host-after']),
  timeout: seconds(inputs, 'hook-timeout', findings, { fallback: 600, min: 1, max: 6 * 3600 }),
})

function runHooks(inputs: Inputs, input: InputName, findings: Findings): RunHook[] {
  return lines(inputs[input]).flatMap(line => {
    const [service, ...words] = splitWords(line) ?? []
    if (service !== undefined && words.length > 0 && /^[a-zA-Z0-9._-]+$/.test(service))
      return [{ service, words }]
    findings.problems.push({
      input,
      cause: `\`${input}\` has \`${line}\`, which is no service with a command.`,
      remedy: 'Write `service command`, with quotes around words that hold blanks: `web bin/migrate --all`.',
    })
    return []
  })
}
