import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.ts'
import type { Place } from './place.ts'
import { lockedCache } from './record.ts'
import { architectures, isDebian, operatingSystem } from './system.ts'

/** What the machine's own apt reads: one line an archive, whatever the format of its source files. */
interface Source {
  readonly uri: string
  readonly suite: string
  readonly codename: string
}

/** A suite that cannot be had on this machine. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
}

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

/**
 * apt with lists, caches and (for another suite) sources of its own: it reads what the machine has installed and
 * how it reaches its archive, and writes to the rig's folder alone.
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

/** The names, with architectures, of all that has to be downloaded for `packages` to run on this machine. */
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
