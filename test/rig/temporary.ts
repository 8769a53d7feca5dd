import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Sets TMPDIR of this process and its children to a new directory, and removes the directory when the process exits. A
 * test that is killed therefore leaves nothing in the system's temporary directory.
 */
export function ownTemporaryDirectory(): void {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-'))
  // Tests run commands as several users, so the directory is writable by all, like /tmp.
  chmodSync(directory, 0o1777)
  process.env['TMPDIR'] = directory
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
}
