import { run } from './command.ts'
import type { OwnFile } from './layout.ts'

/** A user of a rig server, and how that user logs in. */
export interface User {
  readonly name: string
  readonly shell: string
  /** Member of the group that owns the engine's socket. */
  readonly docker: boolean
  /** May run docker with `sudo -n`, and nothing else. */
  readonly sudo?: true
  /** Logs in with the rig's password, using only this method. All other users log in with a key. */
  readonly password?: 'password' | 'keyboard-interactive'
}

export const users = [
  { name: 'deploy', shell: '/bin/bash', docker: true },
  { name: 'second', shell: '/bin/sh', docker: true },
  { name: 'sudoer', shell: '/bin/bash', docker: false, sudo: true },
  { name: 'nobodys', shell: '/bin/bash', docker: false },
  { name: 'password', shell: '/bin/bash', docker: true, password: 'password' },
  { name: 'keyboard', shell: '/bin/bash', docker: true, password: 'keyboard-interactive' },
  { name: 'fish', shell: '/usr/bin/fish', docker: true },
  { name: 'csh', shell: '/bin/tcsh', docker: true },
] as const satisfies readonly User[]

export type UserName = (typeof users)[number]['name'] | 'root'

const system = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
sys:x:3:3:sys:/dev:/usr/sbin/nologin
sshd:x:110:65534::/run/sshd:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`

const systemGroups = `root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
tty:x:5:
disk:x:6:
sudo:x:27:
shadow:x:42:
utmp:x:43:
nogroup:x:65534:
`

const number = (index: number): number => 1001 + index

/** Hashes a password with crypt(3), using the perl that every Debian has. The password is passed on stdin. */
const hashed = (password: string): Promise<string> =>
  run('perl', ['-e', 'chomp($p = <STDIN>); print crypt($p, "\\$6\\$slipwayrig\\$")'], { stdin: password })

/** Returns the account files of a server, without any of the host's users. `docker` is the path that sudo allows. */
export async function accountFiles(
  all: readonly User[],
  password: string,
  docker: string,
): Promise<Record<string, OwnFile>> {
  const hash = await hashed(password)
  const passwd = all.map(
    ({ name, shell }, index) => `${name}:x:${number(index)}:${number(index)}::/home/${name}:${shell}\n`,
  )
  const shadow = all.map(user => `${user.name}:${user.password ? hash : '*'}:19000:0:99999:7:::\n`)
  const groups = all.map(({ name }, index) => `${name}:x:${number(index)}:\n`)
  const members = all.filter(user => user.docker).map(user => user.name)
  const sudoers = all.filter(user => user.sudo).map(({ name }) => `${name} ALL=(root) NOPASSWD: ${docker}\n`)
  const systemShadow = system.replace(/^(\w+):.*$/gm, '$1:*:19000:0:99999:7:::')
  return {
    '/etc/passwd': { text: system + passwd.join('') },
    '/etc/shadow': { text: systemShadow + shadow.join(''), mode: 0o600 },
    '/etc/group': { text: `${systemGroups}docker:x:990:${members.join(',')}\n${groups.join('')}` },
    '/etc/gshadow': { text: '', mode: 0o600 },
    '/etc/sudoers': {
      text: `Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"\n${sudoers.join('')}`,
      mode: 0o440,
    },
    // The host's PAM rules may need things that a rig machine lacks (logind, audit, limits that it cannot set).
    ...Object.fromEntries(['sshd', 'sudo', 'other'].map(service => [`/etc/pam.d/${service}`, { text: pam }])),
  }
}

export const pam = `auth required pam_unix.so
account required pam_unix.so
session required pam_permit.so
password required pam_deny.so
`

/** Returns the shell commands that create every user's home directory, with the authorized keys. */
export const makeHomes = (all: readonly User[], publicKeys: string): string =>
  `umask 077
for home in root ${all.map(({ name }) => `home/${name}`).join(' ')}; do
  mkdir -p "/$home/.ssh"
  cat >"/$home/.ssh/authorized_keys" <<'KEYS'
${publicKeys.trim()}
KEYS
done
${all.map(({ name }) => `chown -R ${name}:${name} /home/${name}`).join('\n')}
${all
  .filter(user => user.password)
  .map(({ name }) => `rm -r /home/${name}/.ssh`)
  .join('\n')}
`
