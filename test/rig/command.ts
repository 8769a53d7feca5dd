import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

/** How a command ended; `null` for one that was killed. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Options {
  readonly stdin?: string | Uint8Array
  /** The whole environment of the command; this process's own when left out. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /** Milliseconds until it is killed. */
  readonly timeout?: number
}

/** Runs a command to its end, whatever its exit code. */
export function attempt(file: string, args: readonly string[], options: Options = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      timeout: options.timeout,
      killSignal: 'SIGKILL',
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (part: Buffer) => stdout.push(part))
    child.stderr.on('data', (part: Buffer) => stderr.push(part))
    child.on('error', reject)
    child.on('close', code =>
      resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    )
    // A command may well end without reading what it was given.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.stdin ?? '')
  })
}

/** Runs a command that has to succeed, and gives what it printed. */
export async function run(file: string, args: readonly string[], options: Options = {}): Promise<string> {
  const ended = await attempt(file, args, options)
  if (ended.code === 0) return ended.stdout
  const said = `${ended.stdout}${ended.stderr}`.trimEnd().split('\n').slice(-15).join('\n')
  throw new Error(`${[file, ...args].join(' ')} ended with ${ended.code ?? 'a signal'}:\n${said}`)
}

/** Starts a command that lives on when this process ends, with its output in `log`; gives its process ID. */
export function launch(
  file: string,
  args: readonly string[],
  log: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<number> {
  const output = openSync(log, 'a')
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { detached: true, env, stdio: ['ignore', output, output], cwd: '/' })
    child.on('error', reject)
    child.on('spawn', () => {
      closeSync(output)
      child.unref()
      resolve(child.pid as number)
    })
  })
}
