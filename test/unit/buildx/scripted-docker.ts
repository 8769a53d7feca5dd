import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { plainLog } from '../../../src/core/log.ts'
import { localRun } from '../../../src/core/process.ts'
import type { Environment, Runtime, Undo } from '../../../src/core/runtime.ts'
import { context } from './planned.ts'

/** A runner whose docker is a script, with a directory of its own that the script runs in. */
export interface Workbench {
  readonly runtime: Runtime
  readonly directory: string
  readonly log: () => string
  readonly undos: Undo[]
  readonly cancel: () => void
}

/** `docker` is the body of a POSIX sh script; `$here` is a directory that it can leave things in. */
export function workbench(docker: string, env: Environment = {}): Workbench {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
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
  const all = { PATH: process.env['PATH'] ?? '', HOME: directory, ...env }
  const local = localRun(all)
  const runtime: Runtime = {
    run: (command, options) =>
      local({ ...command, file: command.file === 'docker' ? script : command.file }, options),
    log: plainLog(out),
    context: { ...context, temp: directory, workspace: directory },
    env: all,
    cancelled: cancelled.signal,
    remember: record => void undos.push(record),
    forgetRun: () => undefined,
  }
  return { runtime, directory, log: () => text, undos, cancel: () => cancelled.abort() }
}
