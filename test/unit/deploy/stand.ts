import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { transactionScript } from '../../../src/deploy/script.ts'

const parts = transactionScript.replace(/main "\$@"\n$/, '')

/** A project directory, and the directory of a run with a payload. */
export interface Stand {
  readonly directory: string
  readonly run: string
}

export function stand(
  before: Readonly<Record<string, string>>,
  payload: Readonly<Record<string, string>>,
): Stand {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bring-'))
  const run = `${directory}/.slipway/app/runs/one`
  put(directory, before)
  put(`${run}/payload`, { whole: '', ...payload })
  mkdirSync(`${run}/payload/files`, { recursive: true })
  mkdirSync(`${directory}/.slipway/app/record`)
  put(`${directory}/.slipway/app`, { 'record/services': 'web x y 1 - 10\n' })
  return { directory, run }
}

export function put(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
}

export function call(shell: readonly string[], { directory, run }: Stand, text: string) {
  writeFileSync(
    `${run}/script`,
    `${parts}\ndirectory=${directory}\nenv_file=$directory/.env\nexec 6>&1\nrecord=$state/record\numask 077\n${text}\n`,
  )
  const [file = '', ...args] = shell
  const { status, signal, stdout, stderr } = spawnSync(file, [...args, `${run}/script`], { encoding: 'utf8' })
  return { status, signal, output: stdout + stderr }
}
