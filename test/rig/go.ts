/**
 * Installs programs that are only available as Go source.
 *
 *   node test/rig/go.ts PACKAGE@VERSION FOLDER
 */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { attempt, run } from './command.ts'
import { type Place, place } from './place.ts'
import { asRoot } from './root.ts'
import { isDebian } from './system.ts'
import { type Say, type Unpacked, unpacked } from './unpacked.ts'

const debian: Unpacked = {
  name: 'go',
  suite: 'trixie',
  packages: ['golang-1.24-go', 'golang-1.24-src'],
}

const ubuntu: Unpacked = { name: 'go', suite: 'own', packages: ['golang-go'], dependencies: true }

/**
 * Returns the path of a `go` command: this machine's own if it is recent, otherwise one unpacked into the rig's cache.
 */
export async function goOf(at: Place, say: Say): Promise<string> {
  if (await isRecent('go')) return 'go'
  const folder = await unpacked(at, isDebian() ? debian : ubuntu, say)
  return join(folder, isDebian() ? 'usr/lib/go-1.24/bin/go' : 'usr/bin/go')
}

/** Reports whether a `go` command is 1.21 or later, which downloads the toolchain version that a module requires. */
async function isRecent(command: string): Promise<boolean> {
  const { code, stdout } = await attempt(command, ['env', 'GOVERSION']).catch(() => ({ code: 1, stdout: '' }))
  return code === 0 && Number(/^go1\.(\d+)/.exec(stdout)?.[1]) >= 21
}

/**
 * Returns the path of a program in `folder`, named after the last element of its package path. Compiles it if missing.
 */
export async function install(source: string, folder: string, say: Say): Promise<string> {
  const name = source.replace(/@.*/, '').split('/').at(-1) ?? ''
  const program = join(folder, name)
  if (existsSync(program)) return program
  const go = await goOf(place(), say)
  say(`Compiling ${source} into ${folder}`)
  mkdirSync(folder, { recursive: true })
  await run(go, ['install', source], { env: { ...process.env, GOBIN: folder, GOTOOLCHAIN: 'auto' } })
  return program
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [source, folder] = process.argv.slice(2)
  if (source === undefined || folder === undefined) throw new Error('usage: go.ts PACKAGE@VERSION FOLDER')
  await asRoot(async () => console.log(await install(source, folder, console.error)))
}
