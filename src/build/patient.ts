import type { Command, Outcome } from '../command.ts'
import { registryWaits, retry } from '../retry.ts'
import type { World } from '../world.ts'
import { diagnose } from './diagnosis.ts'
import { shown } from './shown.ts'

export type Outside = Pick<World, 'run' | 'log' | 'cancelled'>

/** Runs a docker command that may need a registry, again when a fault of it may pass. Its log is streamed. */
export async function patiently(
  { run, log, cancelled }: Outside,
  command: Command,
  waits: readonly number[] = registryWaits,
): Promise<Outcome> {
  log.line(shown(command))
  const outcome = await retry(
    async () => {
      const value = await run(command, { signal: cancelled, onLine: log.foreign })
      const { kind, cause } = value.code === 0 ? { kind: 'unknown', cause: '' } : diagnose(value)
      return kind === 'transient' ? { value, again: cause } : { value }
    },
    log.warning,
    { waits, signal: cancelled },
  )
  cancelled.throwIfAborted()
  return outcome
}
