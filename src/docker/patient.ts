import type { Command, Outcome } from '../core/command.ts'
import { registryWaits, retry } from '../core/retry.ts'
import type { World } from '../core/runtime.ts'
import { shown } from '../core/shown.ts'
import { diagnose } from './diagnosis.ts'

type Outside = Pick<World, 'run' | 'log' | 'cancelled'>

/**
 * Runs a docker command that may need a registry, and once more when a fault of it may pass: by another command where
 * the first one has left something to go on from. Its log is streamed.
 */
export async function patiently(
  { run, log, cancelled }: Outside,
  first: Command,
  {
    waits = registryWaits,
    next = first,
  }: { readonly waits?: readonly number[]; readonly next?: Command } = {},
): Promise<Outcome> {
  let command = first
  const outcome = await retry(
    async () => {
      log.line(shown(command))
      const value = await run(command, { signal: cancelled, onLine: log.foreign })
      command = next
      const { kind, cause } = value.code === 0 ? { kind: 'unknown', cause: '' } : diagnose(value)
      return kind === 'transient' ? { value, again: cause } : { value }
    },
    log.warning,
    { waits, signal: cancelled },
  )
  cancelled.throwIfAborted()
  return outcome
}
