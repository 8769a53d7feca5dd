import { Failure, lastLines } from '../core/errors.ts'
import { hasUploads } from '../payload/plan.ts'
import { sendCommand } from '../payload/send.ts'
import { isV1 } from '../target/compose-host/tools.ts'
import { openLogReader } from './log-reader.ts'
import { type Order, orderText } from './order.ts'
import { publicCheck } from './public-check.ts'
import { type DeployRuntime, followRun, removeRunCommand, scriptCommand, startOnce } from './run.ts'
import type { Session } from './session.ts'
import type { Verdict } from './verdict.ts'

/** Uploads the payload of a run, starts the run, and follows it to its verdict; undefined if it ended without one. */
export async function perform(
  order: Order,
  run: string,
  session: Session,
  runtime: DeployRuntime,
): Promise<Verdict | undefined> {
  await send(order, run, session)
  runtime.recordRun?.(run, 0)
  const reader = openLogReader({ print: runtime.print, onAsk: checkOf(order, run, session, runtime) })
  return await withCancel(run, session, runtime, () =>
    followRun(run, reader, session, runtime, startOnce(run, launchPrefix(order), orderText(order))),
  )
}

/**
 * Returns the command prefix that starts a run outside the login session, if logind kills what a session leaves
 * behind.
 */
export const launchPrefix = ({ facts: { tools } }: Order): readonly string[] =>
  tools.killsLeftovers ? (tools.escape ?? []) : []

/** Uploads files and settings into the directory of the run, before the run starts. */
async function send({ payload, facts }: Order, run: string, session: Session): Promise<void> {
  if (payload === undefined || !hasUploads(payload.plan)) return
  const { code, stderr } = await session.run(sendCommand(run, payload.plan, isV1(facts.tools)))
  if (code === 0) return
  await session.run(removeRunCommand(run))
  throw new Failure('deploy', {
    input: 'files',
    cause: 'The files could not be uploaded to the server; nothing was changed there.',
    remedy: 'Check on the server that the disk has free space (`df -h`) and that `tar` is installed.',
    output: lastLines(stderr),
  })
}

/** Returns the handler that runs the public check when the transaction asks for it; undefined without a check. */
function checkOf(
  { payload }: Order,
  run: string,
  session: Session,
  { print, cancelled, dial }: DeployRuntime,
) {
  if (payload?.check === undefined) return undefined
  const report = ({ decision, why }: { readonly decision: string; readonly why: string }) =>
    session.run(scriptCommand(run, 'decide', decision, why.replaceAll(/\s+/g, ' ')))
  const from = payload.check.from === 'server' ? dial : undefined
  return publicCheck(payload.check, { print, cancelled, dial: from, report })
}

/** Passes a cancel of the job on to the transaction, which decides what to do. Still waits for its verdict. */
async function withCancel<T>(
  run: string,
  session: Session,
  runtime: DeployRuntime,
  work: () => Promise<T>,
): Promise<T> {
  const cancel = () => void session.run(scriptCommand(run, 'cancel')).catch(() => undefined)
  runtime.cancelled.addEventListener('abort', cancel)
  if (runtime.cancelled.aborted) cancel()
  try {
    return await work()
  } finally {
    runtime.cancelled.removeEventListener('abort', cancel)
  }
}
