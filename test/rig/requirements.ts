import { attempt, run } from './command.ts'
import type { Say } from './unpacked.ts'

type Name = keyof typeof commands

/** The commands that the rig calls, each with the Debian package that contains it. */
const commands = {
  'apt-get': 'apt',
  'dpkg-deb': 'dpkg',
  flock: 'util-linux',
  ip: 'iproute2',
  nsenter: 'util-linux',
  perl: 'perl-base',
  'ssh-keygen': 'openssh-client',
  unshare: 'util-linux',
} as const

/** Returns the commands that this machine does not have. */
async function missingCommands(): Promise<Name[]> {
  const names = Object.keys(commands) as Name[]
  const script = 'for name do command -v "$name" >/dev/null || echo "$name"; done'
  return (await run('sh', ['-c', script, 'sh', ...names])).split('\n').filter(Boolean) as Name[]
}

/**
 * Reports and installs the packages that contain the missing commands. Ignores apt's exit code: the caller checks which
 * commands are still missing.
 */
async function install(names: readonly Name[], say: Say): Promise<void> {
  const packages = [...new Set(names.map(name => commands[name]))]
  say(`Installing ${packages.join(', ')} on this machine (for ${names.join(', ')})`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await attempt('apt-get', ['-q', 'update'], { env })
  await attempt('apt-get', ['-qy', 'install', '--no-install-recommends', ...packages], { env })
}

/**
 * Tries the namespaces and the overlay mount that a rig machine needs, in `directory`. Returns the error output if that
 * fails.
 */
async function mountProblem(directory: string): Promise<string | undefined> {
  // Several processes may try at the same time, hence the unique directory.
  const script = `set -e; try=$(mktemp -d "$1/try.XXXXXX"); cd "$try"; mkdir upper work merged
    trap 'rm -rf "$try"' EXIT
    unshare --mount --pid --fork sh -ec '
      mount -t overlay -o lowerdir=/usr,upperdir=upper,workdir=work overlay merged
      touch merged/file' 2>&1`
  const ended = await attempt('sh', ['-c', script, 'sh', directory])
  return ended.code === 0 ? undefined : ended.stdout.trim()
}

/**
 * Installs the missing commands from the packages of this machine's own release. Returns the requirements that this
 * machine still does not meet, one line each, with the remedy.
 */
export async function missingRequirements(say: Say): Promise<string[]> {
  if (process.platform !== 'linux') return [`A Linux machine is needed; this is ${process.platform}.`]
  if (process.getuid?.() !== 0)
    return ['Creating namespaces needs root: run it with `sudo -E env "PATH=$PATH" …`.']
  const names = await missingCommands()
  if (names.includes('apt-get') || names.includes('dpkg-deb'))
    return [
      'Debian or Ubuntu is needed: the rig is built from their packages, and this machine has no `apt-get`.',
    ]
  if (names.length) await install(names, say)
  return (await missingCommands()).map(name => `No \`${name}\`: apt-get install ${commands[name]}.`)
}

/** Returns why no rig machine can be started in `directory`. Called before the first one is started. */
export async function missingMounts(directory: string): Promise<string[]> {
  const problem = await mountProblem(directory)
  return problem === undefined
    ? []
    : [
        `Cannot mount an overlay in a namespace (${problem}): run a container as privileged; if ${directory} is itself on an overlay, set SLIPWAY_RIG to a directory on a disk.`,
      ]
}
