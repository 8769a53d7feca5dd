import { randomBytes } from 'node:crypto'
import { watchFront } from '../bring/front.ts'
import { brings } from '../bring/plan.ts'
import { sendCommand } from '../bring/send.ts'
import type { Dial } from '../check/check.ts'
import type { Command } from '../command.ts'
import { Failure, lastLines } from '../errors.ts'
import type { Connection } from '../ssh/connection.ts'
import { type Line, openLine } from './line.ts'
import { type Order, orderId, orderText, settleText } from './order.ts'
import { placingScript, transactionScript } from './script.ts'
import { openTeller, type Teller } from './teller.ts'
import { isV1 } from './tools.ts'
import { parseVerdict, type Verdict } from './verdict.ts'

/** What a deploy can reach besides its order. */
export interface DeployWorld {
  /** Logs in on the server, each time anew; also after a cancel. */
  readonly connect: () => Promise<Connection>
  /** Told each line of the transaction's log, once. */
  readonly tell: (line: string) => void
  /** Aborted when the job is cancelled: until the change begins, the transaction then ends with nothing changed. */
  readonly cancelled: AbortSignal
  /** Told where the run is on the server before it begins, for whoever has to end what this process began. */
  readonly begun?: (run: string) => void
  /** Opens a stream from the server to a host and port. */
  readonly dial?: Dial
  /** Milliseconds to go on trying to reach a server that was lost; 5 minutes, if nothing is said. */
  readonly patience?: number
}

const patience = 5 * 60_000

/**
 * Runs the transaction on the server to its verdict, over as many connections as it takes. Rejects with a Failure
 * when it could not be begun, or when the server could not be reached again: it then ends by itself there.
 */
export async function deploy(order: Order, world: DeployWorld): Promise<Verdict> {
  await using line = openLine({ patience, ...world })
  for (let attempt = 1; ; attempt += 1) {
    const ended = await perform(order, orderText(order), line, world)
    if (typeof ended !== 'string') return ended
    // Its process is gone and left no verdict: whatever it was in the middle of is settled now.
    const settled = await perform(order, settleText(order, idOf(ended)), line, world)
    if (typeof settled === 'string') throw new Failure('deploy', goneTwice)
    await line.run(removeCommand(ended))
    if (settled.stage !== cut || attempt === 3 || world.cancelled.aborted) return settled
  }
}

/** The stage of a run that ended before it did anything: its connection dropped while it was told what to do. */
const cut = 'cut'

/**
 * Follows a run that another process began to its verdict. Undefined: there is nothing of it any more, or it ended
 * without one; the next deploy settles what it left.
 */
export async function resume(run: string, world: DeployWorld): Promise<Verdict | undefined> {
  await using line = openLine({ patience, ...world })
  return await withCancel(run, line, world, () =>
    followToEnd(run, openTeller(world.tell), line, reached => scriptCommand(run, 'follow', String(reached))),
  )
}

const goneTwice = {
  cause:
    'The transaction was ended on the server from outside, twice, without a verdict: nobody can say what serves.',
  remedy:
    'Look for what kills processes there (the OOM killer?), and deploy again: that settles what was left.',
}

const idOf = (run: string): string => run.slice(run.lastIndexOf('/') + 1)

/** The verdict of a run; or its directory, when it is gone without one. */
async function perform(
  order: Order,
  text: string,
  line: Line,
  world: DeployWorld,
): Promise<Verdict | string> {
  const run = await place(order, line)
  await send(order, run, line)
  world.begun?.(run)
  const { tools } = order.facts
  const escapes = tools.killsLeftovers ? (tools.escape ?? []) : []
  const start = { ...scriptCommand(run, 'start', ...escapes), stdin: text }
  let started = false
  const verdict = await withCancel(run, line, world, () =>
    followToEnd(run, openTeller(tellOf(order, run, line, world)), line, reached => {
      const command = started ? scriptCommand(run, 'follow', String(reached)) : start
      started = true
      return command
    }),
  )
  return verdict ?? run
}

/** What comes with the image, beside the run, before it begins. */
async function send({ bring, facts }: Order, run: string, line: Line): Promise<void> {
  if (bring === undefined || !brings(bring.plan)) return
  const { code, stderr } = await line.run(sendCommand(run, bring.plan, isV1(facts.tools)))
  if (code === 0) return
  await line.run(removeCommand(run))
  throw new Failure('deploy', {
    input: 'files',
    cause: 'What is brought could not be put on the server; nothing was changed there.',
    remedy: 'Is there room on its disk, and `tar`?',
    output: lastLines(stderr),
  })
}

/** The front door is asked when the log comes to it. */
function tellOf({ bring }: Order, run: string, line: Line, { tell, cancelled, dial }: DeployWorld) {
  if (bring?.check === undefined) return tell
  const say = ({ word, why }: { readonly word: string; readonly why: string }) =>
    line.run(scriptCommand(run, 'word', word, why.replaceAll(/\s+/g, ' ')))
  const from = bring.check.from === 'server' ? dial : undefined
  return watchFront(bring.check, { tell, cancelled, dial: from, say }).tell
}

async function place({ facts: { project } }: Order, line: Line): Promise<string> {
  if (project.missing === true) await line.run({ file: 'mkdir', args: ['-p', project.directory] })
  const id = orderId(Date.now(), randomBytes(4).toString('hex'))
  const { code, stdout, stderr } = await line.run({
    file: 'sh',
    args: ['-c', placingScript, 'sh', project.directory, project.name, id],
    stdin: transactionScript,
  })
  const run = stdout.trim()
  if (code === 0 && run.endsWith(`/${id}`)) return run
  throw new Failure('deploy', {
    input: 'project-directory',
    cause: `The transaction cannot be put into \`${project.directory}/.slipway\` on the server.`,
    remedy:
      'Every user who deploys must be able to write there: let the project directory belong to their group.',
    output: lastLines(stderr),
  })
}

/** The cancel is heeded by the transaction itself; its verdict is waited for all the same. */
async function withCancel<T>(
  run: string,
  line: Line,
  world: DeployWorld,
  work: () => Promise<T>,
): Promise<T> {
  const cancel = () => void line.run(scriptCommand(run, 'cancel')).catch(() => undefined)
  world.cancelled.addEventListener('abort', cancel)
  if (world.cancelled.aborted) cancel()
  try {
    return await work()
  } finally {
    world.cancelled.removeEventListener('abort', cancel)
  }
}

/** Undefined: it is over, and left no verdict. */
async function followToEnd(
  run: string,
  { follower, output }: Teller,
  line: Line,
  command: (reached: number) => Command,
): Promise<Verdict | undefined> {
  let code: number | null = null
  while (code === null && follower.verdict === undefined && !follower.gone) {
    follower.begin()
    code = (await line.once(command(follower.reached), follower.take)).code
  }
  const verdict = parseVerdict(follower.verdict ?? [], output())
  if (verdict !== undefined) await line.run(removeCommand(run))
  return verdict
}

const scriptCommand = (run: string, ...args: readonly string[]): Command => ({
  file: 'sh',
  args: [`${run}/script`, ...args],
})

/** Only ever of a run that is over: its directory is what its lock stands on. */
const removeCommand = (run: string): Command => ({ file: 'rm', args: ['-rf', run] })
