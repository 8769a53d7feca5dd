import { attempt, run } from './command.ts'
import type { Say } from './unpacked.ts'

type Name = keyof typeof commands

/** Commands the rig calls, and the Debian package that has each. */
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

/** Which of the commands this machine does not have. */
async function absent(): Promise<Name[]> {
  const names = Object.keys(commands) as Name[]
  const script = 'for name do command -v "$name" >/dev/null || echo "$name"; done'
  return (await run('sh', ['-c', script, 'sh', ...names])).split('\n').filter(Boolean) as Name[]
}

/** Installs what has the absent commands, after saying what; an apt that refuses is told by what is still absent. */
async function install(names: readonly Name[], say: Say): Promise<void> {
  const packages = [...new Set(names.map(name => commands[name]))]
  say(`Installing ${packages.join(', ')} on this machine (for ${names.join(', ')})`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await attempt('apt-get', ['-q', 'update'], { env })
  await attempt('apt-get', ['-qy', 'install', '--no-install-recommends', ...packages], { env })
}

/** Whether this process may make the namespaces and mounts that a machine of the rig is made of, and where it would. */
async function mountProblem(directory: string): Promise<string | undefined> {
  // Others may be asking at the same time.
  const script = `set -e; try=$(mktemp -d "$1/try.XXXXXX"); cd "$try"; mkdir upper work merged
    trap 'rm -rf "$try"' EXIT
    unshare --mount --pid --fork sh -ec '
      mount -t overlay -o lowerdir=/usr,upperdir=upper,workdir=work overlay merged
      touch merged/file' 2>&1`
  const ended = await attempt('sh', ['-c', script, 'sh', directory])
  return ended.code === 0 ? undefined : ended.stdout.trim()
}

/**
 * All that this machine lacks for a rig in `directory`, each line with what to do about it, after installing those
 * that a package of its own release has.
 */
export async function missing(say: Say): Promise<string[]> {
  if (process.platform !== 'linux') return [`A Linux machine is needed; this is ${process.platform}.`]
  if (process.getuid?.() !== 0) return ['Namespaces are root\'s: run it by `sudo -E env "PATH=$PATH" …`.']
  const names = await absent()
  if (names.includes('apt-get') || names.includes('dpkg-deb'))
    return [
      'Debian or Ubuntu is needed: everything comes from their packages, and there is no `apt-get` here.',
    ]
  if (names.length) await install(names, say)
  return (await absent()).map(name => `No \`${name}\`: apt-get install ${commands[name]}.`)
}

/** Why no machine can be started in `directory`, asked before the first is. */
export async function unfit(directory: string): Promise<string[]> {
  const problem = await mountProblem(directory)
  return problem === undefined
    ? []
    : [
        `No overlay mount in a namespace (${problem}): in a container, run it privileged; where ${directory} is itself an overlay, set SLIPWAY_RIG to a folder on a disk.`,
      ]
}
