import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { aptFor, update, withDependencies } from './apt.ts'
import { run } from './command.ts'
import type { Place } from './place.ts'
import { lockedCache } from './record.ts'
import { operatingSystem } from './system.ts'

/** Told what is done that takes time. */
export type Say = (line: string) => void

/** A list of packages from one suite, unpacked into a folder of the rig: nothing is installed on the machine. */
export interface Unpacked {
  /** Names the folder. */
  readonly name: string
  /** A Debian suite, or `own` for what the machine's own sources offer. */
  readonly suite: string
  readonly packages: readonly string[]
  /** Also what they depend on and the machine does not have. */
  readonly dependencies?: boolean
}

/** Packages from before the merge of /bin into /usr/bin have folders of both kinds. */
async function mergeUsr(root: string): Promise<void> {
  for (const folder of ['bin', 'sbin', 'lib', 'lib64'])
    if (existsSync(join(root, folder))) {
      mkdirSync(join(root, 'usr', folder), { recursive: true })
      await run('cp', ['-a', `${join(root, folder)}/.`, join(root, 'usr', folder)])
      rmSync(join(root, folder), { recursive: true })
    }
}

/** Adds up the sizes that `apt-get --print-uris` prints: `'URI' FILE SIZE HASH`, a line each. */
export const sizeOf = (uris: string): number =>
  Array.from(uris.matchAll(/^'\S+' \S+ (\d+)/gm)).reduce((sum, [, bytes]) => sum + Number(bytes), 0)

const bytesIn = (directory: string): number =>
  readdirSync(directory).reduce(
    (sum, name) => sum + (statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  )

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/** Downloads packages into a new folder. An archive that moved on since its lists were read is asked again. */
async function download(at: Place, wanted: Unpacked, into: string, say: Say, stale = false): Promise<void> {
  const options = await aptFor(at, wanted.suite)
  await update(at, wanted.suite, options, stale)
  rmSync(into, { recursive: true, force: true })
  mkdirSync(into, { recursive: true })
  try {
    const packages = wanted.dependencies ? await withDependencies(options, wanted.packages) : wanted.packages
    const size = sizeOf(await run('apt-get', [...options, '-q', '--print-uris', 'download', ...packages]))
    say(`Downloading ${megabytes(size)} into ${at.cache} (nothing is installed): ${packages.join(' ')}`)
    const told = setInterval(() => {
      say(`  ${wanted.name}: ${megabytes(bytesIn(into))} of ${megabytes(size)}`)
    }, 5_000)
    try {
      await run('apt-get', [...options, '-q', 'download', ...packages], { cwd: into })
    } finally {
      clearInterval(told)
    }
  } catch (error) {
    if (stale) throw error
    await download(at, wanted, into, say, true)
  }
}

async function unpack(at: Place, wanted: Unpacked, into: string, say: Say): Promise<void> {
  const building = `${into}.new`
  const packages = join(building, 'debs')
  rmSync(building, { recursive: true, force: true })
  await download(at, wanted, packages, say)
  for (const file of readdirSync(packages))
    await run('dpkg-deb', ['--extract', join(packages, file), building])
  rmSync(packages, { recursive: true })
  await mergeUsr(building)
  for (const folder of ['usr', 'etc']) mkdirSync(join(building, folder), { recursive: true })
  renameSync(building, into)
}

/** Names the folder after all that decides its content: machines that stand on it must not see it change. */
const folderFor = (wanted: Unpacked): string => {
  const { ID, VERSION_ID } = operatingSystem()
  const made = createHash('sha256')
    .update(JSON.stringify([wanted, ID, VERSION_ID]))
    .digest('hex')
  return `${wanted.name}-${made.slice(0, 8)}`
}

/**
 * The folder in which these packages are unpacked: downloaded when they are not there yet. Throws
 * Unavailable where the machine's apt source does not have them.
 */
export async function unpacked(at: Place, wanted: Unpacked, say: Say): Promise<string> {
  const directory = join(at.cache, 'unpacked', folderFor(wanted))
  if (existsSync(directory)) return directory
  return await lockedCache(at, `unpacked-${wanted.name}`, async () => {
    if (!existsSync(directory)) await unpack(at, wanted, directory, say)
    return directory
  })
}
