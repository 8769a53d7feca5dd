import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.ts'
import type { Place } from './place.ts'
import { locked } from './record.ts'

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

/** What the machine's own apt reads: one line an archive, whatever the format of its source files. */
interface Source {
  readonly uri: string
  readonly suite: string
  readonly codename: string
}

/** Told what is done that takes time. */
export type Say = (line: string) => void

/** A suite that cannot be had on this machine. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
}

/** What /etc/os-release says under these names. */
const operatingSystem = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Array.from(readFileSync('/etc/os-release', 'utf8').matchAll(/^(\w+)="?(.*?)"?$/gm), ([, name, value]) => [
      name,
      value,
    ]),
  )

/** apt itself says what its sources are: both formats, every option, and mirrors that stand in for an archive. */
async function sources(at: Place): Promise<Source[]> {
  const options = await aptFor(at, 'own')
  // It says so only of archives whose lists it has.
  await update(at, 'own', options, false)
  const format = '$(REPO_URI) $(RELEASE) $(CODENAME) $(COMPONENT)'
  const lines = await run('apt-get', [...options, 'indextargets', '--format', format, 'Identifier: Packages'])
  return lines.split('\n').flatMap(line => {
    const [uri, suite, codename, component] = line.split(' ')
    return uri && suite && codename && component === 'main' ? [{ uri, suite, codename }] : []
  })
}

const keyring = [
  '/usr/share/keyrings/debian-archive-keyring.gpg',
  '/usr/share/keyrings/debian-archive-keyring.pgp',
]

/** The source of another suite: the archive that the machine's own release comes from, with that suite's name. */
async function sourceOf(at: Place, suite: string): Promise<string> {
  const { VERSION_CODENAME, PRETTY_NAME } = operatingSystem()
  if (!isDebian())
    throw new Unavailable(`Debian's ${suite} is not to be had from the apt source of ${PRETTY_NAME}.`)
  const archive = (await sources(at)).find(({ suite, codename }) =>
    [suite, codename].includes(VERSION_CODENAME ?? '-'),
  )
  if (!archive)
    throw new Unavailable(
      `No apt source of this machine offers ${VERSION_CODENAME} main, so ${suite} cannot be derived from it.`,
    )
  const signed = keyring.find(existsSync)
  return `deb ${signed ? `[signed-by=${signed}] ` : ''}${archive.uri} ${suite} main\n`
}

export const isDebian = (): boolean => operatingSystem()['ID'] === 'debian'

/** This machine's architecture, and the one that images are built for besides. */
export const architectures = async (): Promise<{ own: string; other: string }> => {
  const own = (await run('dpkg', ['--print-architecture'])).trim()
  return { own, other: own === 'arm64' ? 'amd64' : 'arm64' }
}

/**
 * apt with lists, caches and (for another suite) sources of its own: it reads what the machine has installed and
 * how it reaches its archive, and writes to the rig's folder alone.
 */
async function aptFor(at: Place, suite: string): Promise<string[]> {
  const directory = join(at.cache, 'apt', suite)
  mkdirSync(join(directory, 'lists', 'partial'), { recursive: true })
  mkdirSync(join(directory, 'archives', 'partial'), { recursive: true })
  const { own, other } = await architectures()
  const settings = [
    `Dir::State::lists=${directory}/lists`,
    `Dir::Cache=${directory}`,
    `Dir::Cache::archives=${directory}/archives`,
    `APT::Architecture=${own}`,
    `APT::Architectures::=${own}`,
    // Ubuntu keeps other architectures in another archive.
    ...(isDebian() ? [`APT::Architectures::=${other}`] : []),
    'Acquire::Languages=none',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false',
    'Acquire::Retries=3',
    'APT::Sandbox::User=root',
    'APT::Update::Post-Invoke-Success=',
    'DPkg::Lock::Timeout=120',
    'Debug::NoLocking=true',
  ]
  if (suite !== 'own') {
    writeFileSync(join(directory, 'sources.list'), await sourceOf(at, suite))
    settings.push(
      `Dir::Etc::sourcelist=${directory}/sources.list`,
      'Dir::Etc::sourceparts=/dev/null',
      'Dir::Etc::preferences=/dev/null',
      'Dir::Etc::preferencesparts=/dev/null',
    )
  }
  return settings.flatMap(setting => ['-o', setting])
}

const updated = (at: Place, suite: string): string => join(at.cache, 'apt', suite, 'updated')

const isFresh = (file: string): boolean => {
  try {
    return Date.now() - Number(readFileSync(file, 'utf8')) < 6 * 3_600_000
  } catch {
    return false
  }
}

/** Brings the package lists of a suite: once in six hours, or when the ones there turn out to be stale. */
async function update(at: Place, suite: string, options: readonly string[], stale: boolean): Promise<void> {
  await locked(at, `apt-${suite}`, async () => {
    if (!stale && isFresh(updated(at, suite))) return
    await run('apt-get', [...options, '-q', 'update'])
    writeFileSync(updated(at, suite), String(Date.now()))
  })
}

/** The names, with architectures, of all that has to be downloaded for `packages` to run on this machine. */
async function withDependencies(options: readonly string[], packages: readonly string[]): Promise<string[]> {
  const plan = await run('apt-get', [
    ...options,
    ...['-s', '-y', '--no-install-recommends', '--reinstall', 'install', ...packages],
  ])
  const named = plan.split('\n').flatMap(line => /^Inst (\S+)/.exec(line)?.[1] ?? [])
  return [...new Set([...packages, ...named])]
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

/** Downloads packages into a new folder. An archive that moved on since its lists were read is asked again. */
async function download(at: Place, wanted: Unpacked, into: string, say: Say, stale = false): Promise<void> {
  const options = await aptFor(at, wanted.suite)
  await update(at, wanted.suite, options, stale)
  rmSync(into, { recursive: true, force: true })
  mkdirSync(into, { recursive: true })
  try {
    const packages = wanted.dependencies ? await withDependencies(options, wanted.packages) : wanted.packages
    say(`Downloading into ${at.cache} (nothing is installed): ${packages.join(' ')}`)
    await run('apt-get', [...options, '-q', 'download', ...packages], { cwd: into })
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
 * {@link Unavailable} where the machine's apt source does not have them.
 */
export async function unpacked(at: Place, wanted: Unpacked, say: Say): Promise<string> {
  const directory = join(at.cache, 'unpacked', folderFor(wanted))
  if (existsSync(directory)) return directory
  return await locked(at, `unpacked-${wanted.name}`, async () => {
    if (!existsSync(directory)) await unpack(at, wanted, directory, say)
    return directory
  })
}
