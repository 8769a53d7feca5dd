import { homedir } from 'node:os'
import { join } from 'node:path'
import { install } from '../rig/go.ts'

/** https://github.com/nektos/act/releases */
const version = 'v0.2.89'

/** Compiles `act` into a cache outside of the repository, if necessary. Returns its path. */
export async function installAct(say: (line: string) => void): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  return await install(`github.com/nektos/act@${version}`, join(cache, 'slipway', `act-${version}`), say)
}
