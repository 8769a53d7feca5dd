import { Failure, type Problem } from '../core/errors.ts'
import { stackOf } from '../target/swarm-plan.ts'
import { type Line, openLine } from './line.ts'
import { openLogReader } from './log-reader.ts'
import { type Order, settleText, settleTextOf } from './order.ts'
import { escapesOf, perform } from './perform.ts'
import {
  type DeployRuntime,
  followRun,
  idOf,
  placeRun,
  projectOf,
  scriptCommand,
  startOnce,
  vacate,
} from './run.ts'
import type { StageName } from './stages.ts'
import { contradiction, type Verdict } from './verdict.ts'

const patience = 5 * 60_000

/**
 * Runs the transaction on the server to its verdict, over as many connections as it takes. Rejects with a Failure
 * when it could not be begun, or when the server could not be reached again: it then ends by itself there.
 */
export async function deploy(order: Order, runtime: DeployRuntime): Promise<Verdict> {
  await using line = openLine({ patience, ...runtime })
  for (let attempt = 1; ; attempt += 1) {
    const run = await placeRun(order.facts.project, line)
    const verdict = await perform(order, run, line, runtime)
    if (verdict !== undefined) return asOrdered(verdict, order)
    const settled = await settle(run, settleText(order, idOf(run)), escapesOf(order), line, runtime)
    if (settled.stage !== cut || attempt === 3 || runtime.cancelled.aborted) return asOrdered(settled, order)
  }
}

function asOrdered(verdict: Verdict, { services }: Order): Verdict {
  const problem = contradiction(verdict, services)
  if (problem !== undefined) throw new Failure('deploy', problem)
  return verdict
}

/** The stage of a run that ended before it did anything: the connection dropped while the order was sent. */
const cut = 'cut' satisfies StageName

/**
 * Follows a run that another process began to its verdict, and told of up to a byte of its log; settles what it left,
 * if it is dead. Undefined: there is nothing of it any more, or it never began.
 */
export async function resume(
  run: string,
  told: number,
  runtime: DeployRuntime,
): Promise<Verdict | undefined> {
  await using line = openLine({ patience, ...runtime, atFirst: runtime.patience ?? patience })
  const followed = await followRun(
    run,
    openLogReader({ tell: runtime.tell, from: told }),
    line,
    runtime,
    reached => scriptCommand(run, 'follow', String(reached)),
  )
  if (followed !== undefined) return followed
  const { code, stdout } = await line.run({ file: 'cat', args: [`${run}/order`] })
  return code === 0 ? await settle(run, settleTextOf(stdout, idOf(run)), [], line, runtime) : undefined
}

const goneTwice = (project: string): Problem => ({
  cause: 'Something on the server killed the deploy twice, so its result is unknown.',
  remedy: `Find what kills processes there (out of memory? \`journalctl -k\`), check what runs (\`${listing(project)}\`), and deploy again: the next deploy cleans up first.`,
})

/** Returns the command that shows what runs of a project; `project` is the name of its state directory. */
export function listing(project: string): string {
  const stack = stackOf(project)
  if (stack === undefined) return 'docker compose ps'
  return stack === '' ? 'docker service ls' : `docker stack ps ${stack}`
}

/**
 * Puts an end to what a dead run left half-way, by a run of its own that no cancel ends: it would leave the server as
 * it is.
 */
async function settle(
  dead: string,
  text: string,
  escapes: readonly string[],
  line: Line,
  runtime: DeployRuntime,
): Promise<Verdict> {
  const run = await placeRun(projectOf(dead), line)
  const verdict = await followRun(
    run,
    openLogReader({ tell: runtime.tell }),
    line,
    { ...runtime, begun: undefined },
    startOnce(run, escapes, text),
  )
  if (verdict === undefined) throw new Failure('deploy', goneTwice(projectOf(dead).name))
  await vacate(dead, line)
  return verdict
}
