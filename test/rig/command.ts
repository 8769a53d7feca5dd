import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'

/** The result of a command. */
export interface Ended {
  /** `null` if a signal killed it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Options {
  readonly stdin?: string | Uint8Array
  /** The complete environment of the command. Default: this process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly cwd?: string
  /** Milliseconds until the command is killed. */
  readonly timeout?: number
}

/** Runs a command to its end. Resolves with any exit code; rejects only if the command cannot be started. */
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
    // A command may exit without reading its stdin.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.stdin ?? '')
  })
}

/** Runs a command and returns its stdout. Throws with the last lines of its output if it fails. */
export async function run(file: string, args: readonly string[], options: Options = {}): Promise<string> {
  const ended = await attempt(file, args, options)
  if (ended.code === 0) return ended.stdout
  const output = `${ended.stdout}${ended.stderr}`.trimEnd().split('\n').slice(-15).join('\n')
  throw new Error(`${[file, ...args].join(' ')} ended with ${ended.code ?? 'a signal'}:\n${output}`)
}

/** Starts a command that outlives this process, with its output in the file `log`. Returns its process ID. */
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
