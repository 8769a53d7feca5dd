import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Child, type Ending, startChild } from './child.ts'
import { parseKeyValues, parsePaths } from './command-files.ts'
import { type Annotation, type Group, Log } from './log.ts'
import type { Masks } from './masks.ts'

/** The result of one script of an action: main or post. */
export interface StepRun extends Ending {
  readonly pid: number
  /** The log as GitHub shows it: masked, with commands rendered as `##[group]…` and so on. */
  readonly log: string
  /** The lines as printed, including secrets. */
  readonly raw: string
  readonly annotations: readonly Annotation[]
  readonly groups: readonly Group[]
  readonly debug: readonly string[]
  /** The job summary, masked. */
  readonly summary: string
  readonly outputs: Readonly<Record<string, string>>
  readonly state: Readonly<Record<string, string>>
  /** The environment variables set for later steps. */
  readonly env: Readonly<Record<string, string>>
  readonly path: readonly string[]
}

export interface StepOptions {
  readonly node: string
  readonly script: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** The directory for the step's command files. */
  readonly files: string
  readonly masks: Masks
  readonly warnings: readonly string[]
  readonly onLine: (line: string, stream: 'stdout' | 'stderr') => void
}

export interface RunningStep {
  readonly child: Child
  readonly done: Promise<StepRun>
}

/** The runner's size limit for a step's summary, in bytes. */
const summaryLimit = 1024 * 1024

const fileVariables = {
  output: 'GITHUB_OUTPUT',
  state: 'GITHUB_STATE',
  env: 'GITHUB_ENV',
  path: 'GITHUB_PATH',
  summary: 'GITHUB_STEP_SUMMARY',
} as const

type FileName = keyof typeof fileVariables

/** Starts a script with its own command files. */
export async function startStep(options: StepOptions): Promise<RunningStep> {
  const log = new Log(options.masks)
  for (const warning of options.warnings) log.show(`##[warning]${warning}`)
  const names = Object.keys(fileVariables) as FileName[]
  mkdirSync(options.files, { recursive: true })
  await Promise.all(names.map(name => writeFile(join(options.files, name), '')))
  const variables = names.map(name => [fileVariables[name], join(options.files, name)])
  const child = startChild({
    ...options,
    env: { ...options.env, ...Object.fromEntries(variables) },
    onLine(line, stream) {
      const shown = log.take(line)
      if (shown !== undefined) options.onLine(shown, stream)
    },
  })
  return { child, done: child.ended.then(ending => collect(child.pid, ending, log, options)) }
}

function collect(pid: number, ending: Ending, log: Log, { files, masks }: StepOptions): StepRun {
  const text = (name: FileName) => readIfThere(join(files, name))
  const problems: string[] = []
  const read = (name: 'output' | 'state' | 'env') => {
    try {
      return parseKeyValues(text(name))
    } catch (error) {
      problems.push(`Unable to process file command '${name}' successfully. ${(error as Error).message}`)
      return new Map<string, string>()
    }
  }
  const outputs = new Map([...log.outputs, ...read('output')])
  const state = new Map([...log.state, ...read('state')])
  const env = read('env')
  if (env.delete('NODE_OPTIONS')) problems.push("Can't store NODE_OPTIONS output parameter")
  if (Buffer.byteLength(text('summary')) > summaryLimit) problems.push('$GITHUB_STEP_SUMMARY upload aborted')
  for (const problem of problems) log.show(`##[error]${problem}`)
  return {
    ...ending,
    code: problems.length > 0 && ending.code === 0 ? 1 : ending.code,
    pid,
    log: log.lines.join('\n'),
    raw: log.raw.join('\n'),
    annotations: log.annotations,
    groups: log.groups,
    debug: log.debug,
    summary: masks.apply(text('summary')),
    outputs: Object.fromEntries(outputs),
    state: Object.fromEntries(state),
    env: Object.fromEntries(env),
    path: parsePaths(text('path')),
  }
}

const readIfThere = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '')
