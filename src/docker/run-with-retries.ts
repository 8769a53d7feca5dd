import type { Command, Outcome } from '../core/command.ts'
import { formatCommand } from '../core/format-command.ts'
import { registryWaits, retry } from '../core/retry.ts'
import type { Runtime } from '../core/runtime.ts'
import { diagnose } from './diagnosis.ts'

type Runner = Pick<Runtime, 'run' | 'log' | 'cancelled'>

/**
 * Runs a docker command that may need a registry, and retries it after a transient error. Each retry runs `next`, for a
 * command that can continue from what the first attempt left. Streams the output to the log.
 */
export async function runWithRetries(
  { run, log, cancelled }: Runner,
  first: Command,
  {
    waits = registryWaits,
    next = first,
  }: { readonly waits?: readonly number[]; readonly next?: Command } = {},
): Promise<Outcome> {
  let command = first
  const outcome = await retry(
    async () => {
      log.line(formatCommand(command))
      const value = await run(command, { signal: cancelled, onLine: log.output })
      command = next
      const { kind, cause } = value.code === 0 ? { kind: 'unknown', cause: '' } : diagnose(value)
      return kind === 'transient' ? { value, retryReason: cause } : { value }
    },
    text => log.warning(text),
    { waits, signal: cancelled },
  )
  cancelled.throwIfAborted()
  return outcome
}
