import { renameSync, writeFileSync } from 'node:fs'

/** Writes a private file whole: whoever reads it meanwhile, in whatever process, finds all of it or what was there. */
export function writeWhole(file: string, text: string): void {
  const part = `${file}.${process.pid}`
  writeFileSync(part, text, { mode: 0o600 })
  renameSync(part, file)
}
