import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Place, place } from '../rig/place.ts'
import { missingRequirements } from '../rig/requirements.ts'
import { type Unpacked, unpacked } from '../rig/unpacked.ts'

/** Every shell and server that unit tests try, in the version of this machine's own release. */
const programs: Unpacked = {
  name: 'unit',
  suite: 'own',
  packages: ['openssh-server', 'putty-tools', 'busybox', 'mksh', 'zsh', 'fish', 'tcsh'],
  dependencies: true,
}

/**
 * Below what the machine has: a version that its owner chose may depend on files of its own. Docker's plugins of this
 * machine are hidden: tests see those that they put there.
 */
const script = `set -e
mount -t overlay -o "lowerdir=/usr:$1/usr" overlay /usr
mount --bind "$2" /etc/passwd
for plugins in /usr/local/lib/docker /usr/local/libexec/docker /usr/lib/docker /usr/libexec/docker; do
  [ ! -d "$plugins" ] || mount -t tmpfs tmpfs "$plugins"
done
shift 2
exec "$@"`

/** sshd does not start without a user of this name. */
function accounts(at: Place): string {
  const text = readFileSync('/etc/passwd', 'utf8')
  const file = join(at.cache, 'unit-passwd')
  const more = /^sshd:/m.test(text) ? '' : 'sshd:x:110:65534::/run/sshd:/usr/sbin/nologin\n'
  mkdirSync(at.cache, { recursive: true })
  writeFileSync(file, text + more)
  return file
}

/**
 * What stands in front of a command that finds these programs: they are unpacked into the rig's cache, and laid under
 * /usr in a mount namespace of that command. Nothing is installed. Empty where this machine or user cannot have it.
 */
export async function surroundings(): Promise<string[]> {
  const say = (line: string): void => console.error(`unit: ${line}`)
  const lacking = await missingRequirements(say)
  if (lacking.length > 0) {
    say(`With what this machine has; what needs more is skipped:\n${lacking.join('\n')}`)
    return []
  }
  const at = place()
  return ['unshare', '--mount', 'sh', '-c', script, 'sh', await unpacked(at, programs, say), accounts(at)]
}
