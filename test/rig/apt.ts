import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.ts'
import type { Place } from './place.ts'
import { lockedCache } from './record.ts'
import { architectures, isDebian, operatingSystem } from './system.ts'

/** An archive that the machine's own apt uses, whatever the format of its source files. */
interface Source {
  readonly uri: string
  readonly suite: string
  readonly codename: string
}

/** Thrown if a suite is not available on this machine. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
}

/**
 * Returns the machine's apt sources. Asks apt itself, which knows both source formats, every option, and mirrors that
 * replace an archive.
 */
async function sources(at: Place): Promise<Source[]> {
  const options = await aptFor(at, 'own')
  // apt only lists archives whose package lists it has downloaded.
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

/** Returns the source line of another suite: the archive of the machine's own release, with that suite's name. */
async function sourceOf(at: Place, suite: string): Promise<string> {
  const { VERSION_CODENAME, PRETTY_NAME } = operatingSystem()
  if (!isDebian())
    throw new Unavailable(`Debian's ${suite} is not available from the apt sources of ${PRETTY_NAME}.`)
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

/**
 * Returns the options for an apt with its own lists, caches and (for another suite) sources. It reads the machine's
 * package status and archive settings, but writes only to the rig's directory.
 */
export async function aptFor(at: Place, suite: string): Promise<string[]> {
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
    // Ubuntu has other architectures in a separate archive.
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

/** Updates the package lists of a suite if they are older than six hours, or if they turned out to be stale. */
export async function update(
  at: Place,
  suite: string,
  options: readonly string[],
  stale: boolean,
): Promise<void> {
  await lockedCache(at, `apt-${suite}`, async () => {
    if (!stale && isFresh(updated(at, suite))) return
    await run('apt-get', [...options, '-q', 'update'])
    writeFileSync(updated(at, suite), String(Date.now()))
  })
}

/** Returns `packages` and their missing dependencies on this machine, with architectures where apt prints them. */
export async function withDependencies(
  options: readonly string[],
  packages: readonly string[],
): Promise<string[]> {
  const plan = await run('apt-get', [
    ...options,
    ...['-s', '-y', '--no-install-recommends', '--reinstall', 'install', ...packages],
  ])
  const named = plan.split('\n').flatMap(line => /^Inst (\S+)/.exec(line)?.[1] ?? [])
  return [...new Set([...packages, ...named])]
}
