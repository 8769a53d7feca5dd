import { readdirSync, readFileSync } from 'node:fs'
import type { Command, Outcome, Run, RunOptions } from './command.ts'
import { lineSplitter } from './lines.ts'

type Environment = Readonly<Record<string, string>>

type Exec = typeof import('@actions/exec').exec

/** Each command carries a number in its environment, by which its process is found again: exec tells no PID. */
const marker = 'SLIPWAY_COMMAND'

/** How long a command may take to end after it was asked to, in milliseconds. */
const grace = 3000

/**
 * Runs commands on this machine. `env` is all that they see: the caller leaves out what is not theirs (the runner
 * puts every input of the action, secrets included, into our own environment).
 */
export function localRun(env: Environment): Run {
  let count = 0
  return async (command, options = {}) => {
    const { exec } = await import('@actions/exec')
    const mark = `${process.pid}.${++count}`
    const ended = new AbortController()
    const cancel = () => endTree(mark, ended.signal)
    const timer = options.timeout === undefined ? undefined : setTimeout(cancel, options.timeout)
    options.signal?.addEventListener('abort', cancel)
    try {
      if (options.signal?.aborted) return { code: null, stdout: '', stderr: '' }
      return await execute(exec, command, { ...env, ...command.env, [marker]: mark }, options)
    } finally {
      ended.abort()
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', cancel)
    }
  }
}

async function execute(
  exec: Exec,
  command: Command,
  env: Environment,
  { onLine }: RunOptions,
): Promise<Outcome> {
  const out = collect(line => onLine?.(line, 'stdout'))
  const err = collect(line => onLine?.(line, 'stderr'))
  process.on('uncaughtException', unlessBrokenPipe)
  const code: number | null = await exec(`"${command.file}"`, [...command.args], {
    env,
    silent: true,
    ignoreReturnCode: true,
    ...(command.stdin === undefined ? {} : { input: await bytesOf(command.stdin) }),
    listeners: { stdout: out.add, stderr: err.add },
  }).finally(() => process.off('uncaughtException', unlessBrokenPipe))
  return { code: code ?? null, stdout: out.end(), stderr: err.end() }
}

/**
 * @actions/exec listens to no error of the command's stdin: one that ends before it has read all of it would end us.
 * Its exit code says what has to be said.
 */
function unlessBrokenPipe(error: Error & { readonly code?: string }): void {
  if (error.code !== 'EPIPE') throw error
}

/** What is for this machine is small. */
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
