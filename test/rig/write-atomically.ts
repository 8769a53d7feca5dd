import { renameSync, writeFileSync } from 'node:fs'

/** Writes a private file (mode 0600) atomically: a concurrent reader sees either the old content or the new one. */
export function writeAtomically(file: string, text: string): void {
  const part = `${file}.${process.pid}`
  writeFileSync(part, text, { mode: 0o600 })
  renameSync(part, file)
}
