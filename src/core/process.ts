import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, delimiter, isAbsolute, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { exec } from '@actions/exec'
import type { Command, Outcome, Run, RunOptions } from './command.ts'
import { at } from './context.ts'
import { Failure } from './errors.ts'
import { lineSplitter } from './lines.ts'

type Environment = Readonly<Record<string, string>>

/** The variable that marks the environment of each command, so that all its child processes can be found and ended. */
const marker = 'SLIPWAY_COMMAND'

/** Milliseconds that a command has to end after an interrupt, before it is killed. */
const grace = 3000

/**
 * Returns a function that runs commands on this machine. They see only `env`: the environment of this process holds
 * every input of the action, secrets included, so the caller removes those.
 */
export function localRun(env: Environment): Run {
  let count = 0
  return async (command, options = {}) => {
    const mark = `${process.pid}.${++count}`
    const ended = new AbortController()
    const cancel = () => endTree(mark, ended.signal)
    const timer = options.timeout === undefined ? undefined : setTimeout(cancel, options.timeout)
    options.signal?.addEventListener('abort', cancel)
    try {
      if (options.signal?.aborted) return { code: null, stdout: '', stderr: '' }
      return await execute(command, { ...env, ...command.env, [marker]: mark }, options)
    } finally {
      ended.abort()
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', cancel)
    }
  }
}

async function execute(command: Command, env: Environment, { onLine }: RunOptions): Promise<Outcome> {
  const input = command.stdin === undefined ? undefined : await bytesOf(command.stdin)
  const out = collect(line => onLine?.(line, 'stdout'))
  const err = collect(line => onLine?.(line, 'stderr'))
  const code = await withRetries(command, () => {
    const file = locate(command.file, env['PATH'] ?? '')
    return guarded(started =>
      exec(`"${file}"`, [...command.args], {
        env,
        silent: true,
        ignoreReturnCode: true,
        ...(input === undefined ? {} : { input }),
        listeners: { stdout: out.add, stderr: err.add, debug: started },
      }),
    )
  })
  return { code, stdout: out.end(), stderr: err.end() }
}

/** Milliseconds before each retry to start a program: it may be being replaced, or the process limit may be reached. */
const waits = [100, 300, 900]
const transient: ReadonlySet<string> = new Set(['ETXTBSY', 'EAGAIN'])

/** Starts a command, and retries if the error may be transient. Fails with a {@link NotStarted}. */
async function withRetries(command: Command, start: () => Promise<number | null>): Promise<number | null> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await start()
    } catch (error) {
      const code = startError(error)
      if (code === undefined) throw error
      const wait = waits[attempt]
      if (!transient.has(code) || wait === undefined) throw new NotStarted(command, code)
      await delay(wait)
    }
  }
}

/** Returns the error code of a program that did not start (`EACCES`); undefined for any other error. */
function startError(error: unknown): string | undefined {
  // @actions/exec passes on only the message: "… Error: spawn /usr/bin/docker EACCES".
  return /\bspawn (?:.* )?(E[A-Z0-9]+)$/m.exec(error instanceof Error ? error.message : String(error))?.[1]
}

/**
 * Resolves once the current command has started. Commands start one at a time, so that an error is attributed
 * correctly.
 */
let starting: Promise<void> = Promise.resolve()

/**
 * Runs @actions/exec and catches two errors that it leaves unhandled: the rejection when a program cannot be started
 * (E2BIG, ENOMEM, ETXTBSY), and the broken pipe of a command that ends before it has read its input. The exit code
 * covers the second case. `run` calls `started` right before it starts the program.
 */
async function guarded(run: (started: () => void) => Promise<number | null>): Promise<number | null> {
  const { promise: notStarted, reject } = Promise.withResolvers<never>()
  const { promise: released, resolve: next } = Promise.withResolvers<void>()
  const onRejection = (error: unknown): void => {
    if (startError(error) === undefined) throw error
    reject(error)
  }
  const release = (): void => {
    process.off('unhandledRejection', onRejection)
    next()
  }
  const previous = starting
  starting = released
  await previous
  process.on('unhandledRejection', onRejection)
  process.on('uncaughtException', onException)
  try {
    return (await Promise.race([run(() => setImmediate(release)), notStarted])) ?? null
  } finally {
    release()
    process.off('uncaughtException', onException)
  }
}

/**
 * Ignores a broken pipe. A listener keeps Node from ending the process, so any other error is thrown again, unless the
 * entry point has a listener of its own.
 */
function onException(error: Error): void {
  if (isBrokenPipe(error)) return
  if (process.listeners('uncaughtException').every(listener => listener === onException)) throw error
}

/** Reports whether a write failed because the reader had already ended. */
export const isBrokenPipe = (error: unknown): boolean => at(error, 'code') === 'EPIPE'

/**
 * Finds a program on the PATH. Skips empty and relative entries (`PATH=:/usr/bin`): they mean the working directory,
 * which is the workspace, and a program from the repository must not be run in place of a tool.
 */
function locate(file: string, path: string): string {
  if (isAbsolute(file)) {
    if (isExecutable(file)) return file
    throw new Error(`spawn ${file} ${existsSync(file) ? 'EACCES' : 'ENOENT'}`)
  }
  const found = path
    .split(delimiter)
    .filter(isAbsolute)
    .map(directory => join(directory, file))
    .find(isExecutable)
  if (found === undefined) throw new Error(`spawn ${file} ENOENT`)
  return found
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** The failure of a command that could not be started. */
export class NotStarted extends Failure {
  /** The error code of the system: `ENOENT`, `E2BIG`. */
  readonly code: string

  constructor({ file, args }: Pick<Command, 'file' | 'args'>, code: string) {
    const { why, remedy } = reasons[code] ?? unknownReason(code)
    super(args.includes('build') ? 'build' : 'preflight', {
      cause: `\`${basename(file)}\` could not be started: ${why}.`,
      remedy,
    })
    this.code = code
  }
}

interface Reason {
  readonly why: string
  readonly remedy: string
}

const reasons: Readonly<Record<string, Reason>> = {
  ENOENT: {
    why: 'it is not on the PATH of this runner',
    remedy: 'Install it in an earlier step, or use a runner that has it.',
  },
  EACCES: {
    why: 'the user of this runner is not allowed to execute it',
    remedy: 'Make it executable for this user (`chmod +x`).',
  },
  ETXTBSY: {
    why: 'another process is still writing to the program (ETXTBSY)',
    remedy: 'Make sure that the step that installs it has finished, then run the job again.',
  },
  E2BIG: {
    why: 'its arguments and environment are larger than the system allows (E2BIG)',
    remedy: 'Shorten `labels`, `annotations` and `build-args`, or the environment of the job.',
  },
  ENOMEM: {
    why: 'this machine is out of memory (ENOMEM)',
    remedy: 'Use a runner with more memory, or run fewer jobs on it at once.',
  },
  EAGAIN: {
    why: 'this machine cannot start more processes (EAGAIN)',
    remedy: 'Raise the process limit of the runner, or run fewer jobs on it at once.',
  },
}

const unknownReason = (code: string): Reason => ({
  why: code === '' ? 'the system gives no reason' : `the system reports ${code}`,
  remedy: 'Run the same command by hand on this runner, then run the job again.',
})

/** Collects the input of a local command in memory; it is small. */
async function bytesOf(stdin: NonNullable<Command['stdin']>): Promise<Buffer> {
  if (typeof stdin !== 'function') return Buffer.from(stdin)
  const chunks: Uint8Array[] = []
  for await (const chunk of stdin()) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function collect(onLine: (line: string) => void) {
  const chunks: Buffer[] = []
  const lines = lineSplitter(onLine)
  return {
    add(chunk: Buffer) {
      chunks.push(chunk)
      lines.write(chunk)
    },
    end() {
      lines.end()
      return Buffer.concat(chunks).toString('utf8')
    },
  }
}

/**
 * Interrupts a command with all its child processes (docker's plugins are children of docker), and kills those that
 * have not ended after the grace period.
 */
function endTree(mark: string, ended: AbortSignal): void {
  signalAll(mark, 'SIGINT')
  const timer = setTimeout(() => signalAll(mark, 'SIGKILL'), grace)
  ended.addEventListener('abort', () => clearTimeout(timer))
}

function signalAll(mark: string, signal: NodeJS.Signals): void {
  for (const pid of markedProcesses(mark)) {
    try {
      process.kill(pid, signal)
    } catch {
      // The process has already ended.
    }
  }
}

/** Returns the PIDs of the processes with the mark. Empty without /proc: runners without it have no Docker daemon. */
function markedProcesses(mark: string): number[] {
  return entries('/proc')
    .filter(name => /^\d+$/.test(name) && environ(name).includes(`${marker}=${mark}`))
    .map(Number)
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function environ(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    return [] // a process of another user, or one that has ended
  }
}
