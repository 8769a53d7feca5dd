import { isOnRunner } from './core/context.ts'
import { type Log, plainLog, runnerLog } from './core/log.ts'
import { localRun } from './core/process.ts'
import { type Environment, forCommands, ownEnvironment, type Undo } from './core/runtime.ts'
import { remembered } from './core/state.ts'
import { type Inputs, readInputs } from './inputs/inputs.ts'
import { secretsOf } from './plan/secrets.ts'
import { undo } from './undo.ts'
import { tellUnfinished } from './unfinished.ts'

/** Removes what the step made. If one removal fails, the others still run. */
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

/** Follows a transaction that the server finishes on its own after the step was killed, and reports its verdict. */
async function followToEnd(
  run: Extract<Undo, { readonly kind: 'run' }>,
  inputs: Inputs,
  env: Environment,
  log: Log,
): Promise<void> {
  await tellUnfinished(run, inputs, env, log)
}

// Most steps leave nothing to clean up, so nothing is read or masked either.
const records = remembered()
if (records.length > 0) void cleanUp(records)
