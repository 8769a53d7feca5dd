import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SshPlan } from '../../../src/ssh/plan.ts'

/** A real sshd on this machine, for one test. */
export interface Sshd extends AsyncDisposable {
  readonly port: number
  readonly user: string
  /** The private key of an authorized user. */
  readonly key: string
  readonly directory: string
  /** The host keys as known_hosts lines. */
  readonly knownHosts: string
  /** The public host keys by type (`ed25519`). */
  readonly hostKeys: Readonly<Record<string, string>>
  /** Ends sshd and returns its log. Call it after all sessions have ended. */
  readonly end: () => Promise<string>
}

interface SshdOptions {
  /** Lines of sshd_config, placed before the others: sshd uses the first value of each option. */
  readonly config?: string
  readonly hostKeyTypes?: readonly string[]
  /** Options before the key in authorized_keys: `command="…"`. */
  readonly keyOptions?: string
  /** Lines for /etc/passwd and /etc/shadow that only this sshd sees. Needs root. */
  readonly users?: { readonly passwd: string; readonly shadow: string }
}

const binary = '/usr/sbin/sshd'

/** The reason why sshd cannot be started on this machine, or false. */
export const noSshd = existsSync(binary) ? false : 'needs sshd: apt-get install openssh-server'

export const notRoot = process.getuid?.() === 0 ? false : 'needs root, to add users that only one sshd sees'

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const { config = '', hostKeyTypes = ['ed25519'], keyOptions = '', users } = options
  const directory = mkdtempSync(join(tmpdir(), 'slipway-sshd-'))
  const path = (name: string) => join(directory, name)
  for (const type of hostKeyTypes) keygen('-t', type, '-f', path(`host_${type}`))
  keygen('-t', 'ed25519', '-f', path('key'))
  writeFileSync(path('authorized_keys'), `${keyOptions} ${readFileSync(path('key.pub'), 'utf8')}`.trimStart())
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const configuration = `${config}
ListenAddress 127.0.0.1
${hostKeyTypes.map(type => `HostKey ${path(`host_${type}`)}`).join('\n')}
AuthorizedKeysFile ${path('authorized_keys')}
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
LogLevel VERBOSE
`
  const command = `exec ${binary} -D -e -f '${path('sshd_config')}'`
  const argv = users === undefined ? ['-c', command] : inOwnEtc(directory, users, command)
  const { child, closed, port, log } = await listen(argv, port =>
    writeFileSync(path('sshd_config'), `Port ${port}\n${configuration}`),
  )
  const hostKeys = Object.fromEntries(
    hostKeyTypes.map(type => [
      type,
      readFileSync(path(`host_${type}.pub`), 'utf8')
        .split(' ')
        .slice(0, 2)
        .join(' '),
    ]),
  )
  return {
    port,
    user: userInfo().username,
    key: readFileSync(path('key'), 'utf8'),
    directory,
    knownHosts: Object.values(hostKeys)
      .map(key => `[127.0.0.1]:${port} ${key}\n`)
      .join(''),
    hostKeys,
    async end() {
      child.kill('SIGTERM')
      await closed
      return log()
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await sleep(10)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Starts sshd on a free port. Tries several ports, because another process may take one first. */
async function listen(argv: readonly string[], configure: (port: number) => void, attempts = 5) {
  const port = await freePort()
  configure(port)
  const child = spawn('sh', argv)
  const closed = once(child, 'close')
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  for (let tries = 0; !log.includes('Server listening'); tries += 1) {
    if (child.exitCode !== null) await closed
    if (attempts > 1 && log.includes('Address already in use')) return listen(argv, configure, attempts - 1)
    if (tries > 500 || child.exitCode !== null) throw new Error(`sshd did not start: ${log}`)
    await sleep(20)
  }
  return { child, closed, port, log: () => log }
}

/** Returns the plan to log in to this sshd, directly or through a proxy on another port. */
export const planFor = (sshd: Sshd, port = sshd.port): SshPlan => ({
  host: '127.0.0.1',
  port,
  user: sshd.user,
  authentication: { kind: 'key', key: sshd.key },
  hostKey: { kind: 'known-hosts', lines: sshd.knownHosts.replaceAll(`:${sshd.port} `, `:${port} `) },
})

export function keygen(...args: string[]): void {
  const { status, stderr } = spawnSync('ssh-keygen', ['-q', '-N', '', ...args], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ssh-keygen ${args.join(' ')}: ${stderr}`)
}

/**
 * Returns the arguments for `sh` to run a command in a mount namespace with its own /etc/passwd and /etc/shadow. The
 * users come first in these files, because the first entry of a name wins.
 */
function inOwnEtc(directory: string, users: { passwd: string; shadow: string }, command: string): string[] {
  for (const name of ['passwd', 'shadow'] as const) {
    writeFileSync(join(directory, name), `${users[name]}\n${readFileSync(`/etc/${name}`, 'utf8')}`, {
      mode: 0o644,
    })
  }
  const mounts = `mount --bind '${directory}/passwd' /etc/passwd && mount --bind '${directory}/shadow' /etc/shadow`
  return ['-c', `exec unshare -m sh -c "$1"`, 'sh', `${mounts} && ${command}`]
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
