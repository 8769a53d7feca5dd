import { randomBytes } from 'node:crypto'
import type { Dial } from '../check/check.ts'
import type { Command } from '../core/command.ts'
import { Failure, lastLines } from '../core/errors.ts'
import { growingWaits, retry } from '../core/retry.ts'
import type { Connection } from '../ssh/connection.ts'
import { type Line, shortLived } from './line.ts'
import type { LogReader } from './log-reader.ts'
import { orderId } from './order.ts'
import { openRunScript, scriptFor } from './script.ts'
import { parseVerdict, type Verdict } from './verdict.ts'

/** What a deploy can reach besides its order. */
export interface DeployRuntime {
  /** Logs in on the server, each time anew; also after a cancel. */
  readonly connect: () => Promise<Connection>
  /** Told each line of the transaction's log, once. */
  readonly tell: (line: string) => void
  /** Aborted when the job is cancelled: until the change begins, the transaction then ends with nothing changed. */
  readonly cancelled: AbortSignal
  /**
   * Told where the run is on the server before it begins, for whoever has to end what this process began; after a
   * cancel also how many bytes of its log have been told.
   */
  readonly begun?: ((run: string, told: number) => void) | undefined
  /** Opens a stream from the server to a host and port. */
  readonly dial?: Dial
  /** Milliseconds to go on trying to reach a server that was lost; 5 minutes, if nothing is said. */
  readonly patience?: number
}

/** The project of a run: `DIRECTORY/.slipway/NAME/runs/ID`. */
interface RunProject {
  readonly directory: string
  readonly name: string
  readonly missing?: boolean
}

export const idOf = (run: string): string => run.slice(run.lastIndexOf('/') + 1)

export function projectOf(run: string): RunProject {
  const [name = '', mark = '', ...above] = run.split('/').slice(0, -2).reverse()
  return { directory: above.reverse().join('/'), name: mark === '.slipway' ? name : '' }
}

/** Makes a run's directory on the server, with the script in it. */
export async function placeRun({ directory, name, missing }: RunProject, line: Line): Promise<string> {
  if (missing === true) await line.run({ file: 'mkdir', args: ['-p', directory] })
  const id = orderId(Date.now(), randomBytes(4).toString('hex'))
  const { code, stdout, stderr } = await line.run({
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

/** Begins the run with the first connection; those after it follow. */
export function startOnce(run: string, escapes: readonly string[], text: string) {
  const start = { ...scriptCommand(run, 'start', ...escapes), stdin: text }
  let started = false
  return (reached: number): Command => {
    if (started) return scriptCommand(run, 'follow', String(reached))
    started = true
    return start
  }
}

/** Takes the run's directory away, which its lock stands on: the script sees to it that it is over. */
export const vacateCommand = (run: string): Command => scriptCommand(run, 'vacate')

/** Undefined: it is over, and left no verdict. */
export async function followRun(
  run: string,
  { follower, output }: LogReader,
  line: Line,
  { patience = 5 * 60_000, cancelled, begun }: DeployRuntime,
  command: (reached: number) => Command,
): Promise<Verdict | undefined> {
  const take = (chunk: Buffer) => {
    const { marks } = follower
    follower.take(chunk)
    // The process may be ended any moment now: another goes on from here.
    if (follower.marks !== marks && cancelled.aborted) begun?.(run, follower.told)
  }
  const over = await retry(
    async () => {
      const { marks } = follower
      follower.begin()
      const { code } = await line.once(command(follower.reached), take)
      if (code !== null || follower.verdict !== undefined || follower.gone) return { value: true }
      return { value: false, again: '', progress: follower.marks !== marks }
    },
    () => undefined,
    { waits: growingWaits(), within: patience },
  )
  if (!over) throw shortLived()
  const verdict = parseVerdict(follower.verdict ?? [], output())
  if (verdict !== undefined) await vacate(run, line)
  return verdict
}

/** Only tidies up: what is known by now holds, and the next comer sweeps what stays. */
export async function vacate(run: string, line: Line): Promise<void> {
  try {
    await line.once(vacateCommand(run))
  } catch (error) {
    if (!(error instanceof Failure)) throw error
  }
}
