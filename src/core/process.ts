import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, delimiter, isAbsolute, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { exec } from '@actions/exec'
import type { Command, Outcome, Run, RunOptions } from './command.ts'
import { at } from './context.ts'
import { Failure } from './errors.ts'
import { lineSplitter } from './lines.ts'

type Environment = Readonly<Record<string, string>>

/** Marks the environment of each command, so that everything it started can be found and ended. */
const marker = 'SLIPWAY_COMMAND'

/** How long a command may take to end after it was asked to, in milliseconds. */
const grace = 3000

/**
 * Runs commands on this machine. They see `env` alone: the environment of this process holds every input of the
 * action, secrets included, so the caller leaves those out.
 */
export function localRun(env: Environment): Run {
  let count = 0
  return async (command, options = {}) => {
    const mark = `${process.pid}.${++count}`
    const over = new AbortController()
    const cancel = () => endTree(mark, over.signal)
    const timer = options.timeout === undefined ? undefined : setTimeout(cancel, options.timeout)
    options.signal?.addEventListener('abort', cancel)
    try {
      if (options.signal?.aborted) return { code: null, stdout: '', stderr: '' }
      return await execute(command, { ...env, ...command.env, [marker]: mark }, options)
    } finally {
      over.abort()
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

/** Waits before another attempt to start a program that is being replaced, or on a machine that is full for a moment. */
const waits = [100, 300, 900]
const passing: ReadonlySet<string> = new Set(['ETXTBSY', 'EAGAIN'])

/** Starts a command, again where the reason may pass. Fails with a {@link NotStarted}. */
async function withRetries(command: Command, start: () => Promise<number | null>): Promise<number | null> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await start()
    } catch (error) {
      const code = startError(error)
      if (code === undefined) throw error
      const wait = waits[attempt]
      if (!passing.has(code) || wait === undefined) throw new NotStarted(command, code)
      await delay(wait)
    }
  }
}

/** Returns the system's name for the reason why a program did not start; undefined when it is about something else. */
function startError(error: unknown): string | undefined {
  // @actions/exec passes on the message alone: "… Error: spawn /usr/bin/docker EACCES".
  return /\bspawn (?:.* )?(E[A-Z0-9]+)$/m.exec(error instanceof Error ? error.message : String(error))?.[1]
}

/** Resolves when the command that starts now has started: one at a time, so that it is known whose error it is. */
let starting: Promise<void> = Promise.resolve()

/**
 * Runs @actions/exec and catches two errors that it leaves unhandled: the rejection when a program cannot be started
 * (E2BIG, ENOMEM, ETXTBSY), and the broken pipe of a command that ends before it has read its input, whose exit code says
 * enough.
 * `run` calls `started` right before it starts the program.
 */
async function guarded(run: (started: () => void) => Promise<number | null>): Promise<number | null> {
  const { promise: notStarted, reject } = Promise.withResolvers<never>()
  const { promise: over, resolve: next } = Promise.withResolvers<void>()
  const onRejection = (error: unknown): void => {
    if (startError(error) === undefined) throw error
    reject(error)
  }
  const release = (): void => {
    process.off('unhandledRejection', onRejection)
    next()
  }
  const before = starting
  starting = over
  await before
  process.on('unhandledRejection', onRejection)
  process.on('uncaughtException', onException)
  try {
    return (await Promise.race([run(() => setImmediate(release)), notStarted])) ?? null
  } finally {
    release()
    process.off('uncaughtException', onException)
  }
}

/** A listener keeps Node from ending the process: any error but a broken pipe goes on to the entry, or ends it. */
function onException(error: Error): void {
  if (isBrokenPipe(error)) return
  if (process.listeners('uncaughtException').every(listener => listener === onException)) throw error
}

/** Whether a write failed because its reader had ended. */
export const isBrokenPipe = (error: unknown): boolean => at(error, 'code') === 'EPIPE'

/**
 * Finds a program on the PATH. Only absolute directories count: an empty or relative one (`PATH=:/usr/bin`) means the
 * working directory, which is the workspace, and what stands there is not ours to run.
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

/** A command that did not come to run. */
export class NotStarted extends Failure {
  /** The system's name for the reason: `ENOENT`, `E2BIG`. */
  readonly code: string

  constructor({ file, args }: Pick<Command, 'file' | 'args'>, code: string) {
    const { why, remedy } = reasons[code] ?? other(code)
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
    why: 'this runner has no such program on its PATH',
    remedy: 'Install it in a step before, or use a runner that has it.',
  },
  EACCES: {
    why: 'the user of this runner may not execute it',
    remedy: 'Make it executable for this user (`chmod +x`).',
  },
  ETXTBSY: {
    why: 'something still writes to the program (ETXTBSY)',
    remedy: 'Let the step that installs it end first, then run the job again.',
  },
  E2BIG: {
    why: 'its arguments and environment are larger than the system takes (E2BIG)',
    remedy: 'Shorten `labels`, `annotations` and `build-args`, or the environment of the job.',
  },
  ENOMEM: {
    why: 'this machine has no memory left (ENOMEM)',
    remedy: 'Use a runner with more memory, or run fewer jobs on it at once.',
  },
  EAGAIN: {
    why: 'this machine can start no more processes (EAGAIN)',
    remedy: 'Raise the limit of processes of the runner, or run fewer jobs on it at once.',
  },
}

const other = (code: string): Reason => ({
  why: code === '' ? 'the system does not say why' : `the system says ${code}`,
  remedy: 'Try the same command by hand on this runner, then run the job again.',
})

/** Collects the input of a local command, which is small. */
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

/** Interrupts a command with everything that it started (docker's plugins are children of docker), then kills it. */
function endTree(mark: string, ended: AbortSignal): void {
  signalAll(mark, 'SIGINT')
  const timer = setTimeout(() => signalAll(mark, 'SIGKILL'), grace)
  ended.addEventListener('abort', () => clearTimeout(timer))
}

function signalAll(mark: string, signal: NodeJS.Signals): void {
  for (const pid of marked(mark)) {
    try {
      process.kill(pid, signal)
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

/** The processes that carry the mark. Empty where there is no /proc: there is no Docker daemon on such runners. */
function marked(mark: string): number[] {
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
    return [] // another user's process, or one that has ended
  }
}
