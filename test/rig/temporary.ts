import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Gives this process, and all that it starts, a temporary directory of its own, which goes when the process ends: a
 * test that is killed cannot leave anything in the system's.
 */
export function ownTemporaryDirectory(): void {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-'))
  // Tests act as several users, as those of the system's own do.
  chmodSync(directory, 0o1777)
  process.env['TMPDIR'] = directory
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
}
