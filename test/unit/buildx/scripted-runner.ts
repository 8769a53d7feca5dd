import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { plainLog } from '../../../src/core/log.ts'
import { localRun } from '../../../src/core/process.ts'
import type { Environment, Runtime, Undo } from '../../../src/core/runtime.ts'
import { context } from './planned.ts'

/** A runner whose docker is a shell script. */
export interface ScriptedRunner {
  readonly runtime: Runtime
  /** Holds the script and the files that it writes; also the workspace and the temporary directory of the runner. */
  readonly directory: string
  readonly log: () => string
  readonly undos: Undo[]
  readonly cancel: () => void
}

/** Creates a runner. `docker` is the body of a POSIX sh script, which can write files to the directory `$here`. */
export function scriptedRunner(docker: string, env: Environment = {}): ScriptedRunner {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-runner-'))
  const script = join(directory, 'docker')
  writeFileSync(script, `#!/bin/sh\nhere='${directory}'\n${docker}\n`)
  chmodSync(script, 0o755)
  let text = ''
  const out = new Writable({
    write(chunk, _, done) {
      text += String(chunk)
      done()
    },
  })
  const cancelled = new AbortController()
  const undos: Undo[] = []
  const environment = { PATH: process.env['PATH'] ?? '', HOME: directory, ...env }
  const local = localRun(environment)
  const runtime: Runtime = {
    run: (command, options) =>
      local({ ...command, file: command.file === 'docker' ? script : command.file }, options),
    log: plainLog(out),
    context: { ...context, temp: directory, workspace: directory },
    env: environment,
    cancelled: cancelled.signal,
    remember: record => void undos.push(record),
    forgetRun: () => undefined,
  }
  return { runtime, directory, log: () => text, undos, cancel: () => cancelled.abort() }
}
