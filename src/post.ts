import { isOnRunner } from './core/context.ts'
import { type Log, plainLog, runnerLog } from './core/log.ts'
import { localRun } from './core/process.ts'
import { type Environment, forCommands, ownEnvironment, type Undo } from './core/runtime.ts'
import { remembered } from './core/state.ts'
import { type Inputs, readInputs } from './inputs/inputs.ts'
import { secretsOf } from './plan/secrets.ts'
import { undo } from './undo.ts'
import { tellUnfinished } from './unfinished.ts'

/** Takes away what the step made, each thing by itself: one that fails does not keep the others. */
async function cleanUp(records: readonly Undo[]): Promise<void> {
  const inputs = readInputs(process.env)
  const env = ownEnvironment(process.env)
  const log = isOnRunner(env) ? runnerLog() : plainLog(process.stdout)
  secretsOf(inputs).forEach(log.mask)
  const run = localRun(forCommands(env))
  for (const record of records) {
    const ended = record.kind === 'run' ? followToEnd(record, inputs, env, log) : undo(run, record)
    await ended.catch((error: unknown) => log.warning(`Cleaning up failed: ${String(error)}`))
  }
}

/** The step was ended while the server was at work, which goes on by itself: what becomes of it is told here. */
async function followToEnd(
  run: Extract<Undo, { readonly kind: 'run' }>,
  inputs: Inputs,
  env: Environment,
  log: Log,
): Promise<void> {
  await tellUnfinished(run, inputs, env, log)
}

// After most steps there is nothing to do, and nothing to be masked either.
const records = remembered()
if (records.length > 0) void cleanUp(records)
