import { readContext } from './github/context.ts'
import { inputNames, isSecret, readInputs } from './inputs.ts'
import { localRun } from './local.ts'
import { plainLog, runnerLog } from './log.ts'
import { remembered } from './state.ts'
import { undo } from './undo.ts'
import { ownEnvironment, type Undo } from './world.ts'

const inputs = readInputs(process.env)
const log = readContext(process.env, '').onRunner ? runnerLog() : plainLog(process.stdout)
for (const name of inputNames) if (isSecret(name)) log.mask(inputs[name])
const env = ownEnvironment(process.env)
const run = localRun(env)

/** Takes away what the step made, each thing by itself: one that fails does not keep the others. */
async function cleanUp(): Promise<void> {
  for (const record of remembered()) {
    const ended = record.kind === 'run' ? followToEnd(record) : undo(run, record)
    await ended.catch((error: unknown) => log.warning(`Cleaning up failed: ${String(error)}`))
  }
}

/** The step was ended while the server was at work, which goes on by itself: what becomes of it is told here. */
async function followToEnd(run: Extract<Undo, { readonly kind: 'run' }>): Promise<void> {
  const { tellUnfinished } = await import('./later.ts')
  await tellUnfinished(run, inputs, env, log)
}

void cleanUp()
