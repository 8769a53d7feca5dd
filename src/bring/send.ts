import type { Command } from '../command.ts'
import { archive, type Entry } from './archive.ts'
import { envLine } from './dotenv.ts'
import type { BroughtFile } from './files.ts'
import type { BringPlan } from './plan.ts'

/** The last of an archive: a connection that drops ends it like one that is whole. */
export const whole: Entry = { name: 'whole', mode: 0o600, content: '' }

export const fileEntries = (files: readonly BroughtFile[]): Entry[] =>
  files.map(({ local, remote, mode, size }) => ({
    name: `files/${remote}`,
    mode,
    content: { path: local, size },
  }))

/** A file for each variable, with its line of the env file: in the order in which they were given. */
export const settingEntries = ({ settings }: Pick<BringPlan, 'settings'>, v1: boolean): Entry[] =>
  settings.map(setting => ({
    name: `settings/${setting.name}`,
    mode: 0o600,
    content: envLine(setting, v1),
  }))

/** Puts all of it beside a run of the transaction: see server/transaction/bring.sh. */
export const sendCommand = (run: string, plan: BringPlan, v1: boolean): Command => ({
  file: 'sh',
  args: [`${run}/script`, 'stage'],
  stdin: () => archive([...fileEntries(plan.files), ...settingEntries(plan, v1), whole]),
})
