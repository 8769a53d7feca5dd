import { rm } from 'node:fs/promises'
import { removeCommand } from './build/create.ts'
import type { Run } from './command.ts'
import { readContext } from './github/context.ts'
import { localRun } from './local.ts'
import { plainLog, runnerLog } from './log.ts'
import { endLogin } from './registry/lasting.ts'
import { remembered } from './state.ts'
import { ownEnvironment, type Undo } from './world.ts'

const log = readContext(process.env, '').onRunner ? runnerLog() : plainLog(process.stdout)
const run = localRun(ownEnvironment(process.env))

/** Takes away what the step made. What is gone already is as it should be: the step cleans up after itself too. */
async function undo(record: Undo, command: Run): Promise<void> {
  switch (record.kind) {
    case 'directory':
      return await rm(record.path, { recursive: true, force: true })
    case 'login':
      return await endLogin(command, record)
    case 'builder':
      await command({ ...removeCommand(record.name, record.keepState), env: record.env })
      return
    default:
      return record satisfies never
  }
}

/** Each by itself: one that fails does not keep the others. */
async function cleanUp(): Promise<void> {
  for (const record of remembered()) {
    await undo(record, run).catch((error: unknown) => log.warning(`Cleaning up failed: ${String(error)}`))
  }
}

void cleanUp()
