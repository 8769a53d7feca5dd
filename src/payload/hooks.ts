import type { Findings } from '../core/findings.ts'
import type { InputName, Inputs } from '../inputs/inputs.ts'
import { lines } from '../inputs/lists.ts'
import { seconds } from '../inputs/values.ts'
import { splitWords } from './words.ts'

/** Commands to run before and after the new release starts, in the order in which they run. */
export interface HookPlan {
  /** Lines that the server's `sh` runs in the project directory. */
  readonly hostBefore: readonly string[]
  readonly runBefore: readonly ServiceHook[]
  readonly execBefore: readonly ServiceHook[]
  readonly runAfter: readonly ServiceHook[]
  readonly execAfter: readonly ServiceHook[]
  readonly hostAfter: readonly string[]
  /** Time limit for each command, in seconds. */
  readonly timeout: number
}

/** A command in a container of a service: a new one (`docker compose run`) or the running one (`exec`). */
export interface ServiceHook {
  readonly service: string
  /** Options for Compose, as separate words: `--user`, `1000`. */
  readonly options: readonly string[]
  /** The words of the command. If empty, the service's own command runs. */
  readonly command: readonly string[]
}

export const planHooks = (inputs: Inputs, findings: Findings): HookPlan => ({
  hostBefore: lines(inputs['host-before']),
  runBefore: serviceHooks(inputs, 'run-before', findings),
  execBefore: serviceHooks(inputs, 'exec-before', findings),
  runAfter: serviceHooks(inputs, 'run-after', findings),
  execAfter: serviceHooks(inputs, 'exec-after', findings),
  hostAfter: lines(inputs['host-after']),
  timeout: seconds(inputs, 'hook-timeout', findings, { fallback: 600, min: 1, max: 6 * 3600 }),
})

const serviceHooks = (inputs: Inputs, input: InputName, findings: Findings): ServiceHook[] =>
  lines(inputs[input]).flatMap(line => {
    const hook = parseHook(splitWords(line) ?? [], input.startsWith('exec'))
    if (hook !== undefined) return [hook]
    findings.problems.push({
      input,
      cause: `\`${input}\` has \`${line}\`, which is not \`[options] service command\`.`,
      remedy:
        'Write `web bin/migrate --all`, with quotes around words that contain blanks. Options before the service: `--workdir DIR`, `--user USER`, and for `run-…` also `--entrypoint COMMAND`.',
    })
    return []
  })

const optionNames: Readonly<Record<string, string>> = {
  '--workdir': '--workdir',
  '-w': '--workdir',
  '--user': '--user',
  '-u': '--user',
  '--entrypoint': '--entrypoint',
}

/** Parses `[options] service [command]`. With `exec`, the command is required, and `--entrypoint` is not allowed. */
function parseHook(words: readonly string[], exec: boolean): ServiceHook | undefined {
  const options: string[] = []
  let rest = words
  for (;;) {
    const [first = '', ...after] = rest
    if (!first.startsWith('-')) break
    const [, name = first, inline] = /^(--[a-z]+)=(.*)$/s.exec(first) ?? []
    const option = Object.hasOwn(optionNames, name) ? optionNames[name] : undefined
    const value = inline ?? after[0]
    if (option === undefined || value === undefined || (exec && option === '--entrypoint')) return undefined
    options.push(option, value)
    rest = inline === undefined ? after.slice(1) : after
  }
  const [service = '', ...command] = rest
  if (!/^[a-zA-Z0-9._-]+$/.test(service) || (exec && command.length === 0)) return undefined
  return { service, options, command }
}
