import { readFileSync } from 'node:fs'
import * as core from '@actions/core'
import { readContext } from './core/context.ts'
import { plainLog, runnerLog } from './core/log.ts'
import { localRun } from './core/process.ts'
import { forCommands, ownEnvironment } from './core/runtime.ts'
import { forgetRun, remember } from './core/state.ts'
import { withoutGit } from './github/trust.ts'
import { inputNames, isSecret, readInputs, unknownInputs } from './inputs/inputs.ts'
import { launch } from './launch.ts'
import { tell } from './report/tell.ts'

const inputs = readInputs(process.env)
const eventPath = process.env['GITHUB_EVENT_PATH']
const context = readContext(process.env, eventPath === undefined ? '' : readFileSync(eventPath, 'utf8'))
const log = context.onRunner ? runnerLog() : plainLog(process.stdout)
for (const name of inputNames) if (isSecret(name)) log.mask(inputs[name])

// A cancelled job gets SIGINT, then SIGTERM after 7.5 seconds, then `post:`.
const cancel = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => cancel.abort())

const env = ownEnvironment(process.env)
const world = {
  run: localRun({ ...forCommands(env), ...withoutGit(context) }),
  log,
  context,
  env,
  cancelled: cancel.signal,
  remember,
  forgetRun,
}

launch(inputs, unknownInputs(process.env), world).then(
  passed => {
    if (!passed) process.exitCode = core.ExitCode.Failure
  },
  (error: unknown) => {
    tell(log, error)
    process.exitCode = core.ExitCode.Failure
  },
)
