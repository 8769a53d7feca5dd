import { Failure, lastLines } from '../core/errors.ts'
import { brings } from '../payload/plan.ts'
import { sendCommand } from '../payload/send.ts'
import { isV1 } from '../target/compose-host/tools.ts'
import type { Line } from './line.ts'
import { type Order, orderText } from './order.ts'
import { publicCheck } from './public-check.ts'
import { type DeployWorld, followRun, scriptCommand, startOnce, vacateCommand } from './run.ts'
import { openTeller } from './teller.ts'
import type { Verdict } from './verdict.ts'

/**
 * Brings a run all that it needs, begins it and follows it to its verdict. Undefined: the run is gone without one.
 */
export async function perform(
  order: Order,
  run: string,
  line: Line,
  world: DeployWorld,
): Promise<Verdict | undefined> {
  await send(order, run, line)
  world.begun?.(run, 0)
  const teller = openTeller({ tell: world.tell, ask: answerOf(order, run, line, world) })
  return await withCancel(run, line, world, () =>
    followRun(run, teller, line, world, startOnce(run, escapesOf(order), orderText(order))),
  )
}

/** Where logind ends what a login leaves behind. */
export const escapesOf = ({ facts: { tools } }: Order): readonly string[] =>
  tools.killsLeftovers ? (tools.escape ?? []) : []

/** What comes with the image, beside the run, before it begins. */
async function send({ bring, facts }: Order, run: string, line: Line): Promise<void> {
  if (bring === undefined || !brings(bring.plan)) return
  const { code, stderr } = await line.run(sendCommand(run, bring.plan, isV1(facts.tools)))
  if (code === 0) return
  await line.run(vacateCommand(run))
  throw new Failure('deploy', {
    input: 'files',
    cause: 'The files could not be uploaded to the server; nothing was changed there.',
    remedy: 'Check on the server that the disk has free space (`df -h`) and that `tar` is installed.',
    output: lastLines(stderr),
  })
}

/** Checks the public URL once the transaction asks for it. */
function answerOf({ bring }: Order, run: string, line: Line, { tell, cancelled, dial }: DeployWorld) {
  if (bring?.check === undefined) return undefined
  const say = ({ word, why }: { readonly word: string; readonly why: string }) =>
    line.run(scriptCommand(run, 'word', word, why.replaceAll(/\s+/g, ' ')))
  const from = bring.check.from === 'server' ? dial : undefined
  return publicCheck(bring.check, { tell, cancelled, dial: from, say })
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
