import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { attempt, run } from '../rig/command.ts'

/** https://github.com/nektos/act/releases */
const version = 'v0.2.89'

/** The program; installed into a cache outside of the repository. Undefined without Go. */
export async function installAct(say: (line: string) => void): Promise<string | undefined> {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  const folder = join(cache, 'slipway', `act-${version}`)
  const program = join(folder, 'act')
  if (existsSync(program)) return program
  if ((await attempt('go', ['version']).catch(() => ({ code: 1 }))).code !== 0) return undefined
  say(`Installing act ${version} into ${folder}`)
  mkdirSync(folder, { recursive: true })
  await run('go', ['install', `github.com/nektos/act@${version}`], { env: { ...process.env, GOBIN: folder } })
  return program
}
