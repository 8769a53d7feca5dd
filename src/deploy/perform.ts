import { Failure, lastLines } from '../core/errors.ts'
import { hasUploads } from '../payload/plan.ts'
import { sendCommand } from '../payload/send.ts'
import { isV1 } from '../target/compose-host/tools.ts'
import type { Line } from './line.ts'
import { openLogReader } from './log-reader.ts'
import { type Order, orderText } from './order.ts'
import { publicCheck } from './public-check.ts'
import { type DeployRuntime, followRun, scriptCommand, startOnce, vacateCommand } from './run.ts'
import type { Verdict } from './verdict.ts'

/**
 * Uploads what a run needs, starts it, and follows it to its verdict; undefined if the run ended without one.
 */
export async function perform(
  order: Order,
  run: string,
  line: Line,
  runtime: DeployRuntime,
): Promise<Verdict | undefined> {
  await send(order, run, line)
  runtime.begun?.(run, 0)
  const reader = openLogReader({ tell: runtime.tell, ask: answerOf(order, run, line, runtime) })
  return await withCancel(run, line, runtime, () =>
    followRun(run, reader, line, runtime, startOnce(run, escapesOf(order), orderText(order))),
  )
}

/** Where logind ends what a login leaves behind. */
export const escapesOf = ({ facts: { tools } }: Order): readonly string[] =>
  tools.killsLeftovers ? (tools.escape ?? []) : []

/** What comes with the image, beside the run, before it begins. */
async function send({ payload, facts }: Order, run: string, line: Line): Promise<void> {
  if (payload === undefined || !hasUploads(payload.plan)) return
  const { code, stderr } = await line.run(sendCommand(run, payload.plan, isV1(facts.tools)))
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
function answerOf({ payload }: Order, run: string, line: Line, { tell, cancelled, dial }: DeployRuntime) {
  if (payload?.check === undefined) return undefined
  const report = ({ decision, why }: { readonly decision: string; readonly why: string }) =>
    line.run(scriptCommand(run, 'decide', decision, why.replaceAll(/\s+/g, ' ')))
  const from = payload.check.from === 'server' ? dial : undefined
  return publicCheck(payload.check, { print: tell, cancelled, dial: from, report })
}

/** The cancel is heeded by the transaction itself; its verdict is waited for all the same. */
async function withCancel<T>(
  run: string,
  line: Line,
  runtime: DeployRuntime,
  work: () => Promise<T>,
): Promise<T> {
  const cancel = () => void line.run(scriptCommand(run, 'cancel')).catch(() => undefined)
  runtime.cancelled.addEventListener('abort', cancel)
  if (runtime.cancelled.aborted) cancel()
  try {
    return await work()
  } finally {
    runtime.cancelled.removeEventListener('abort', cancel)
  }
}
