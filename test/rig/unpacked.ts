import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { aptFor, update, withDependencies } from './apt.ts'
import { run } from './command.ts'
import type { Place } from './place.ts'
import { lockedCache } from './record.ts'
import { operatingSystem } from './system.ts'

/** Prints a progress message about something that takes time. */
export type Say = (line: string) => void

/** Packages from one suite, unpacked into a directory of the rig. Nothing is installed on the machine. */
export interface Unpacked {
  /** The beginning of the directory's name. */
  readonly name: string
  /** A Debian suite, or `own` for the machine's own apt sources. */
  readonly suite: string
  readonly packages: readonly string[]
  /** Also unpack the dependencies that are not installed on the machine. */
  readonly dependencies?: boolean
}

/** Moves /bin, /sbin, /lib and /lib64 into /usr: packages from before the /usr merge have both. */
async function mergeUsr(root: string): Promise<void> {
  for (const folder of ['bin', 'sbin', 'lib', 'lib64'])
    if (existsSync(join(root, folder))) {
      mkdirSync(join(root, 'usr', folder), { recursive: true })
      await run('cp', ['-a', `${join(root, folder)}/.`, join(root, 'usr', folder)])
      rmSync(join(root, folder), { recursive: true })
    }
}

/** Adds up the sizes in the output of `apt-get --print-uris`, whose lines are `'URI' FILE SIZE HASH`. */
export const sizeOf = (uris: string): number =>
  Array.from(uris.matchAll(/^'\S+' \S+ (\d+)/gm)).reduce((sum, [, bytes]) => sum + Number(bytes), 0)

const bytesIn = (directory: string): number =>
  readdirSync(directory).reduce(
    (sum, name) => sum + (statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  )

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/**
 * Downloads packages into a new directory. If that fails, updates the package lists and tries once more: the archive
 * may have changed since they were downloaded.
 */
async function download(at: Place, wanted: Unpacked, into: string, say: Say, stale = false): Promise<void> {
  const options = await aptFor(at, wanted.suite)
  await update(at, wanted.suite, options, stale)
  rmSync(into, { recursive: true, force: true })
  mkdirSync(into, { recursive: true })
  try {
    const packages = wanted.dependencies ? await withDependencies(options, wanted.packages) : wanted.packages
    const size = sizeOf(await run('apt-get', [...options, '-q', '--print-uris', 'download', ...packages]))
    say(`Downloading ${megabytes(size)} into ${at.cache} (nothing is installed): ${packages.join(' ')}`)
    const progress = setInterval(() => {
      say(`  ${wanted.name}: ${megabytes(bytesIn(into))} of ${megabytes(size)}`)
    }, 5_000)
    try {
      await run('apt-get', [...options, '-q', 'download', ...packages], { cwd: into })
    } finally {
      clearInterval(progress)
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

/**
 * Returns the name of the directory, which contains a hash of everything that determines its content. A directory must
 * never change while machines use it as a layer.
 */
const folderFor = (wanted: Unpacked): string => {
  const { ID, VERSION_ID } = operatingSystem()
  const hash = createHash('sha256')
    .update(JSON.stringify([wanted, ID, VERSION_ID]))
    .digest('hex')
  return `${wanted.name}-${hash.slice(0, 8)}`
}

/**
 * Returns the directory with the unpacked packages. Downloads them if necessary. Throws Unavailable if the machine's
 * apt sources do not offer the suite.
 */
export async function unpacked(at: Place, wanted: Unpacked, say: Say): Promise<string> {
  const directory = join(at.cache, 'unpacked', folderFor(wanted))
  if (existsSync(directory)) return directory
  return await lockedCache(at, `unpacked-${wanted.name}`, async () => {
    if (!existsSync(directory)) await unpack(at, wanted, directory, say)
    return directory
  })
}
