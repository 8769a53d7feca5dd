import type { Command } from '../core/command.ts'
import { archive, type Entry } from './archive.ts'
import { envLine } from './dotenv.ts'
import type { BroughtFile } from './files.ts'
import type { BringPlan } from './plan.ts'

/** The last of an archive: a connection that drops ends it like one that is whole. */
export const whole: Entry = { name: 'whole', mode: 0o600, content: '' }

/** `sent` is told the lines of `sha256sum` for them. */
export const fileEntries = (files: readonly BroughtFile[], sent?: (line: string) => void): Entry[] =>
  files.map(({ local, remote, mode, size }) => ({
    name: `files/${remote}`,
    mode,
    content: { path: local, size },
    ...(sent === undefined ? {} : { sent: print => sent(`${print}  ./${remote}\n`) }),
  }))

/** A file for each variable, with its line of the env file: in the order in which they were given. */
export const settingEntries = ({ settings }: Pick<BringPlan, 'settings'>, v1: boolean): Entry[] =>
  settings.map(setting => ({
    name: `settings/${setting.name}`,
    mode: 0o600,
    content: envLine(setting, v1),
  }))

/** Puts all of it beside a run of the transaction: see deploy/agent/bring.sh. */
export const sendCommand = (run: string, plan: BringPlan, v1: boolean): Command => ({
  file: 'sh',
  args: [`${run}/script`, 'stage'],
  stdin: () => archive(allEntries(plan, v1)),
})

/** What is in each of the files comes behind them, when it is known: the server need not read them all once more. */
function allEntries(plan: BringPlan, v1: boolean): Entry[] {
  const lines: string[] = []
  const files = fileEntries(plan.files, line => lines.push(line))
  const prints: Entry = { name: 'prints', mode: 0o600, content: () => lines.join('') }
  return [...files, ...settingEntries(plan, v1), prints, whole]
}
