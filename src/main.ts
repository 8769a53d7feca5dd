import * as core from '@actions/core'
import { isOnRunner, readContext, readEvent } from './core/context.ts'
import { plainLog, runnerLog } from './core/log.ts'
import { isBrokenPipe, localRun } from './core/process.ts'
import { forCommands, ownEnvironment } from './core/runtime.ts'
import { forgetRun, remember } from './core/state.ts'
import { withoutGit } from './github/trust.ts'
import { readInputs, unknownInputs } from './inputs/inputs.ts'
import { launch } from './launch.ts'
import { secretsOf } from './plan/secrets.ts'
import { writeFailure } from './report/write.ts'

const inputs = readInputs(process.env)
const env = ownEnvironment(process.env)
const log = isOnRunner(env) ? runnerLog() : plainLog(process.stdout)

// A cancelled job gets SIGINT, then SIGTERM after 7.5 seconds, then `post:`.
const cancel = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => cancel.abort())

async function run(): Promise<boolean> {
  secretsOf(inputs).forEach(log.mask)
  const context = readContext(env, readEvent(env))
  const commands = localRun({ ...forCommands(env), ...withoutGit(context) })
  const runtime = { run: commands, log, context, env, cancelled: cancel.signal, remember, forgetRun }
  return await launch(inputs, unknownInputs(process.env), runtime)
}

/** Reports an unexpected error in the log and the summary, like an expected one. No other code here catches errors. */
function fail(error: unknown): void {
  process.exitCode = core.ExitCode.Failure
  writeFailure(error, inputs, env, log)
}

// After an uncaught exception the state of the run is unknown, so the process ends.
process.on('uncaughtException', error => {
  if (isBrokenPipe(error)) return
  fail(error)
  process.exit()
})

run().then(passed => {
  if (!passed) process.exitCode = core.ExitCode.Failure
}, fail)
