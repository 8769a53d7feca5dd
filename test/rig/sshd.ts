import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { OwnFile } from './layout.ts'
import { attemptInside, launchInside, type Machine } from './machine.ts'
import { until } from './until.ts'
import type { User } from './users.ts'

export interface HostKey {
  /** As in known_hosts: `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`. */
  readonly type: string
  /** `address type base64`: a line of known_hosts. */
  readonly line: string
  /** `SHA256:…`, as ssh shows it. */
  readonly fingerprint: string
}

const kinds = ['ed25519', 'ecdsa', 'rsa'] as const

/** Returns the configuration file of sshd, at its default path. The host keys are generated with the machine. */
export function sshdFiles(all: readonly User[]): Record<string, OwnFile> {
  const methods = all.flatMap(({ name, password }) =>
    password
      ? [
          `Match User ${name}\n  AuthenticationMethods ${password}\n  ${password === 'password' ? 'Password' : 'KbdInteractive'}Authentication yes\n`,
        ]
      : [],
  )
  const configuration = `Port 22
${kinds.map(kind => `HostKey /etc/ssh/ssh_host_${kind}_key`).join('\n')}
PidFile /run/sshd.pid
UsePAM yes
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UseDNS no
PrintMotd no
MaxStartups 100
Subsystem sftp internal-sftp
${methods.join('')}`
  return { '/etc/ssh/sshd_config': { text: configuration } }
}

/** The shell commands that generate the machine's host keys and remove those of the host. */
export const makeHostKeys = `rm -f /etc/ssh/ssh_host_*
for kind in ${kinds.join(' ')}; do
  ssh-keygen -q -t "$kind" -N '' -C server -f "/etc/ssh/ssh_host_\${kind}_key"
done
`

export const hostKeysOf = (machine: Machine): HostKey[] =>
  kinds.map(kind => {
    const file = join(machine.directory, `upper/etc/ssh/ssh_host_${kind}_key.pub`)
    const [type = '', key = ''] = readFileSync(file, 'utf8').split(' ')
    const digest = createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')
    return { type, line: `${machine.address} ${type} ${key.trim()}`, fingerprint: `SHA256:${digest}` }
  })

/** Reports whether something accepts connections at an address. */
export const isListening = (host: string, port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect({ host, port, timeout: 5000 })
    const answer = (is: boolean) => () => {
      socket.destroy()
      resolve(is)
    }
    socket.on('connect', answer(true)).on('error', answer(false)).on('timeout', answer(false))
  })

/** Starts the machine's sshd and waits until it accepts connections. */
export async function startSshd(machine: Machine): Promise<void> {
  await launchInside(machine, ['/usr/sbin/sshd', '-D', '-e'], 'sshd')
  await until(
    async () => (await isListening(machine.address, 22)) || undefined,
    () =>
      `the sshd of ${machine.name} does not listen:\n${readFileSync(join(machine.directory, 'sshd.log'), 'utf8')}`,
  )
}

/** Kills the machine's sshd with SIGKILL: the listener, the sessions, or both. */
export async function killSshd(machine: Machine, what: 'listener' | 'sessions' | 'all'): Promise<void> {
  const listener = 'kill -KILL "$(cat /run/sshd.pid)"; rm -f /run/sshd.pid'
  const sessions = `for pid in $(ps -e -o pid= -o comm= | awk '$2 ~ /^sshd/ { print $1 }'); do
    test "$pid" = "$(cat /run/sshd.pid 2>/dev/null)" || kill -KILL "$pid" 2>/dev/null
  done`
  const script = { listener, sessions, all: `${sessions}\n${listener}` }[what]
  await attemptInside(machine, ['sh', '-c', script])
}
