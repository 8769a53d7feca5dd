import type { Command } from '../core/command.ts'
import { archive, type Entry } from './archive.ts'
import { envLine } from './dotenv.ts'
import type { PayloadFile } from './files.ts'
import type { PayloadPlan } from './plan.ts'

/** The last entry of an archive. If it is missing, the connection dropped, which tar itself cannot notice. */
export const endMarker: Entry = { name: 'whole', mode: 0o600, content: '' }

/** Returns an entry for each file. `onWritten` receives the line that `sha256sum` prints for the file. */
export const fileEntries = (files: readonly PayloadFile[], onWritten?: (line: string) => void): Entry[] =>
  files.map(({ local, remote, mode, size }) => ({
    name: `files/${remote}`,
    mode,
    content: { path: local, size },
    ...(onWritten === undefined ? {} : { onWritten: digest => onWritten(`${digest}  ./${remote}\n`) }),
  }))

/** Returns an entry for each variable, whose content is its line for the env file, in the order of the input. */
export const settingEntries = ({ settings }: Pick<PayloadPlan, 'settings'>, v1: boolean): Entry[] =>
  settings.map(setting => ({
    name: `settings/${setting.name}`,
    mode: 0o600,
    content: envLine(setting, v1),
  }))

/** Uploads the payload into the directory of a run (deploy/agent/payload.sh). */
export const sendCommand = (run: string, plan: PayloadPlan, v1: boolean): Command => ({
  file: 'sh',
  args: [`${run}/script`, 'stage'],
  stdin: () => archive(allEntries(plan, v1), 'deploy'),
})

/** Lists the entries. The digests of the files come after them, so that the server need not read every file again. */
function allEntries(plan: PayloadPlan, v1: boolean): Entry[] {
  const lines: string[] = []
  const files = fileEntries(plan.files, line => lines.push(line))
  const digests: Entry = { name: 'prints', mode: 0o600, content: () => lines.join('') }
  return [...files, ...settingEntries(plan, v1), digests, endMarker]
}
