import { randomBytes } from 'node:crypto'
import type { Dial } from '../check/check.ts'
import type { Command } from '../core/command.ts'
import { Failure, lastLines } from '../core/errors.ts'
import { growingWaits, retry } from '../core/retry.ts'
import type { Connection } from '../ssh/connection.ts'
import type { LogReader } from './log-reader.ts'
import { orderId } from './order.ts'
import { openRunScript, scriptFor } from './script.ts'
import { dropsAtOnce, type Session } from './session.ts'
import { parseVerdict, type Verdict } from './verdict.ts'

/**
 * The surroundings of a deploy: connection, log and cancellation. In this folder, `run` is the path of a run's
 * directory.
 */
export interface DeployRuntime {
  /** Opens a new connection to the server; works after a cancel, too. */
  readonly connect: () => Promise<Connection>
  /** Receives each line of the transaction's log, once. */
  readonly print: (line: string) => void
  /**
   * Aborted when the job is cancelled. The transaction then stops with nothing changed, unless the change has begun.
   */
  readonly cancelled: AbortSignal
  /**
   * Receives the directory of the run before the run starts; after a cancel also the number of bytes of its log that
   * were printed. With both, another process can follow the run to its end if this one is killed.
   */
  readonly recordRun?: ((run: string, shownBytes: number) => void) | undefined
  /** Opens a stream from the server to a host and port. */
  readonly dial?: Dial
  /** Milliseconds to keep trying to reach a server whose connection dropped. The default is 5 minutes. */
  readonly reconnectTimeout?: number
}

/** The Compose project of a run, by the path of the run: `DIRECTORY/.slipway/NAME/runs/ID`. */
interface RunProject {
  readonly directory: string
  readonly name: string
  /** Whether the directory does not exist yet. */
  readonly missing?: boolean
}

export const idOf = (run: string): string => run.slice(run.lastIndexOf('/') + 1)

export function projectOf(run: string): RunProject {
  const [name = '', home = '', ...above] = run.split('/').slice(0, -2).reverse()
  return { directory: above.reverse().join('/'), name: home === '.slipway' ? name : '' }
}

/** Creates the directory of a new run on the server, with the script in it. Returns its path. */
export async function createRun({ directory, name, missing }: RunProject, session: Session): Promise<string> {
  if (missing === true) await session.run({ file: 'mkdir', args: ['-p', directory] })
  const id = orderId(Date.now(), randomBytes(4).toString('hex'))
  const { code, stdout, stderr } = await session.run({
    file: 'sh',
    args: ['-c', openRunScript, 'sh', directory, name, id],
    stdin: scriptFor(name),
  })
  const run = stdout.trim()
  if (code === 0 && run.endsWith(`/${id}`)) return run
  throw new Failure('deploy', {
    input: 'project-directory',
    cause: `The deploy cannot write to \`${directory}/.slipway\` on the server.`,
    remedy:
      'Let the SSH user write to the project directory; if several users deploy, give it a group that they share.',
    output: lastLines(stderr),
  })
}

export const scriptCommand = (run: string, ...args: readonly string[]): Command => ({
  file: 'sh',
  args: [`${run}/script`, ...args],
})

/**
 * Returns a function that makes the command for each connection: the first one starts the run, later ones follow it.
 */
export function startOnce(run: string, prefix: readonly string[], text: string) {
  const start = { ...scriptCommand(run, 'start', ...prefix), stdin: text }
  let started = false
  return (reached: number): Command => {
    if (started) return scriptCommand(run, 'follow', String(reached))
    started = true
    return start
  }
}

/** Removes the directory of a run, which holds its lock. The script refuses while the run is still alive. */
export const removeRunCommand = (run: string): Command => scriptCommand(run, 'vacate')

/** Follows a run to its verdict, and removes its directory; undefined if the run ended without a verdict. */
export async function followRun(
  run: string,
  { follower, output }: LogReader,
  session: Session,
  { reconnectTimeout = 5 * 60_000, cancelled, recordRun }: DeployRuntime,
  command: (reached: number) => Command,
): Promise<Verdict | undefined> {
  const write = (chunk: Buffer) => {
    const { frames } = follower
    follower.write(chunk)
    // After a cancel, GitHub may kill this process at any moment. Another one then continues from here.
    if (follower.frames !== frames && cancelled.aborted) recordRun?.(run, follower.shownBytes)
  }
  const ended = await retry(
    async () => {
      const { frames } = follower
      follower.restart()
      const { code } = await session.once(command(follower.reached), write)
      if (code !== null || follower.verdict !== undefined || follower.gone) return { value: true }
      return { value: false, retryReason: '', progress: follower.frames !== frames }
    },
    () => undefined,
    { waits: growingWaits(), timeLimit: reconnectTimeout },
  )
  if (!ended) throw dropsAtOnce()
  const verdict = parseVerdict(follower.verdict ?? [], output())
  if (verdict !== undefined) await removeRun(run, session)
  return verdict
}

/** Removes the directory of a run. A failure is ignored: the verdict is known by now, and a later deploy cleans up. */
export async function removeRun(run: string, session: Session): Promise<void> {
  try {
    await session.once(removeRunCommand(run))
  } catch (error) {
    if (!(error instanceof Failure)) throw error
  }
}
