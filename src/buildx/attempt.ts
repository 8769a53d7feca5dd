import type { Command, Outcome } from '../core/command.ts'
import type { World } from '../core/runtime.ts'
import { type Diagnosis, diagnose } from '../docker/diagnosis.ts'
import { watchStall } from './stall.ts'

/** What one run of a build came to. */
export interface Ended {
  readonly outcome: Outcome
  readonly failure?: Diagnosis
}

/** Runs a build once. `patience` is how many milliseconds a push may go on without a word. */
export async function attempt(world: World, command: Command, patience: number): Promise<Ended> {
  const stall = watchStall(patience)
  const outcome = await world.run(command, {
    signal: AbortSignal.any([world.cancelled, stall.signal]),
    onLine(line) {
      stall.heard(line)
      world.log.foreign(line)
    },
  })
  stall.end()
  if (stall.signal.aborted) return { outcome, failure: stalled(patience) }
  return outcome.code === 0 ? { outcome } : { outcome, failure: diagnose(outcome) }
}

const stalled = (patience: number): Diagnosis => ({
  kind: 'transient',
  cause: `The push made no progress for ${Math.round(patience / 1000)} seconds.`,
  remedy: 'Run the job again later; the status page of the registry may say more.',
})

/** Why the cache was not exported; with `ignore-error=true` such a build ends well. */
export function cacheFailure({ stdout, stderr }: Outcome): string | undefined {
  const text = `${stdout}\n${stderr}`
  const exports = [...text.matchAll(/^#(\d+) exporting cache/gm)].map(([, step]) => step)
  const failed = [...text.matchAll(/^#(\d+) ERROR: (.*)$/gm)].find(([, step]) => exports.includes(step))
  return failed?.[2]
}
