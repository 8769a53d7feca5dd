import { Failure, type Problem } from '../core/errors.ts'
import { stackOf } from '../target/swarm-plan.ts'
import { openLogReader } from './log-reader.ts'
import { type Order, settleText, settleTextOf } from './order.ts'
import { launchPrefix, perform } from './perform.ts'
import {
  createRun,
  type DeployRuntime,
  followRun,
  idOf,
  projectOf,
  removeRun,
  scriptCommand,
  startOnce,
} from './run.ts'
import { openSession, type Session } from './session.ts'
import type { StageName } from './stages.ts'
import { contradiction, type Verdict } from './verdict.ts'

/** Milliseconds to keep trying to reach a server whose connection dropped. */
const reconnectTimeout = 5 * 60_000

/**
 * Runs the transaction on the server to its verdict, over as many connections as necessary. Rejects with a Failure if
 * the transaction cannot be started, or if the server stays unreachable; a started transaction then finishes there on
 * its own.
 */
export async function deploy(order: Order, runtime: DeployRuntime): Promise<Verdict> {
  await using session = openSession({ reconnectTimeout, ...runtime })
  for (let attempt = 1; ; attempt += 1) {
    const run = await createRun(order.facts.project, session)
    const verdict = await perform(order, run, session, runtime)
    if (verdict !== undefined) return checkVerdict(verdict, order)
    const settled = await settle(run, settleText(order, idOf(run)), launchPrefix(order), session, runtime)
    if (settled.stage !== cut || attempt === 3 || runtime.cancelled.aborted)
      return checkVerdict(settled, order)
  }
}

/** Returns the verdict. Throws a Failure if it reports success, but not the images of the order. */
function checkVerdict(verdict: Verdict, { services }: Order): Verdict {
  const problem = contradiction(verdict, services)
  if (problem !== undefined) throw new Failure('deploy', problem)
  return verdict
}

/** The stage of a run that ended before it did anything, because the connection dropped while the order was sent. */
const cut = 'cut' satisfies StageName

/**
 * Follows a run that another process started to its verdict, and prints its log from byte `shownBytes` on. If the run
 * was killed, settles the change that it left unfinished. Returns undefined if the run never began, or its directory
 * is gone.
 */
export async function resume(
  run: string,
  shownBytes: number,
  runtime: DeployRuntime,
): Promise<Verdict | undefined> {
  await using session = openSession({
    reconnectTimeout,
    ...runtime,
    firstTimeout: runtime.reconnectTimeout ?? reconnectTimeout,
  })
  const followed = await followRun(
    run,
    openLogReader({ print: runtime.print, from: shownBytes }),
    session,
    runtime,
    reached => scriptCommand(run, 'follow', String(reached)),
  )
  if (followed !== undefined) return followed
  const { code, stdout } = await session.run({ file: 'cat', args: [`${run}/order`] })
  return code === 0 ? await settle(run, settleTextOf(stdout, idOf(run)), [], session, runtime) : undefined
}

const killedTwice = (project: string): Problem => ({
  cause: 'Something on the server killed the deploy twice, so its result is unknown.',
  remedy: `Find what kills processes there (out of memory? \`journalctl -k\`), check what runs (\`${listing(project)}\`), and deploy again: the next deploy cleans up first.`,
})

/**
 * Returns the command that lists the containers or tasks of a project; `project` is the name of its state directory.
 */
export function listing(project: string): string {
  const stack = stackOf(project)
  if (stack === undefined) return 'docker compose ps'
  return stack === '' ? 'docker service ls' : `docker stack ps ${stack}`
}

/**
 * Starts a run that only settles the unfinished change of a run that was killed, and follows it to its verdict. A
 * cancel does not stop it, because that would leave the server half-changed.
 */
async function settle(
  deadRun: string,
  text: string,
  prefix: readonly string[],
  session: Session,
  runtime: DeployRuntime,
): Promise<Verdict> {
  const run = await createRun(projectOf(deadRun), session)
  const verdict = await followRun(
    run,
    openLogReader({ print: runtime.print }),
    session,
    { ...runtime, recordRun: undefined },
    startOnce(run, prefix, text),
  )
  if (verdict === undefined) throw new Failure('deploy', killedTwice(projectOf(deadRun).name))
  await removeRun(deadRun, session)
  return verdict
}
