import { isOnRunner } from './core/context.ts'
import { plainLog, runnerLog } from './core/log.ts'
import { localRun } from './core/process.ts'
import { forCommands, ownEnvironment, type Undo } from './core/runtime.ts'
import { remembered } from './core/state.ts'
import { readInputs } from './inputs/inputs.ts'
import { secretsOf } from './plan/secrets.ts'
import { undo } from './undo.ts'
import { followUnfinished } from './unfinished.ts'

/**
 * Removes what the step created, and follows a deploy that the step did not see end. One failure does not stop the
 * rest.
 */
async function cleanUp(records: readonly Undo[]): Promise<void> {
  const inputs = readInputs(process.env)
  const env = ownEnvironment(process.env)
  const log = isOnRunner(env) ? runnerLog() : plainLog(process.stdout)
  secretsOf(inputs).forEach(log.mask)
  const run = localRun(forCommands(env))
  for (const record of records) {
    const done = record.kind === 'run' ? followUnfinished(record, inputs, env, log) : undo(run, record)
    await done.catch((error: unknown) => log.warning(`Cleaning up failed: ${String(error)}`))
  }
}

// Most steps leave nothing to clean up. Then the inputs are not even read, and nothing is masked.
const records = remembered()
if (records.length > 0) void cleanUp(records)
