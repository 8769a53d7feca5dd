import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Rig, Server } from '../rig/rig.ts'
import { faultyProxy, forward } from './faulty-proxy.ts'
import { recorder } from './watch.ts'

/**
 * A server and a registry that no other test uses, with their secrets. If a secret is seen anywhere, the action under
 * test leaked it.
 */
export interface Planted extends AsyncDisposable {
  readonly server: Server
  /** `address:port` of the registry. */
  readonly registry: string
  readonly key: string
  readonly passphrase: string
  /** The password of the server's user `password`. */
  readonly loginPassword: string
  readonly registryPassword: string
  readonly buildSecret: string
  readonly token: string
  /** A value of `env`. It may be shown nowhere, and stored on the server only in the env file and its copies. */
  readonly setting: string
  /** One line of a multi-line value. */
  readonly settingLine: string
  readonly settings: readonly string[]
  /** The strings to search for: every secret, and its encoded forms. */
  readonly words: readonly string[]
}

const plant = (what: string): string => `planted-${what}-${randomBytes(12).toString('hex')}`

/** The file in which the server records how its docker was called. */
export const callsOnServer = '/var/log/docker-calls'

export async function openPlanted(all: Rig): Promise<Planted> {
  const secrets = {
    passphrase: plant('passphrase'),
    loginPassword: plant('login'),
    registryPassword: plant('registry'),
    buildSecret: plant('build'),
    token: plant('token'),
  }
  const settings = { setting: plant('setting'), settingLine: plant('line') }
  const key = makeKey(secrets.passphrase)
  const proxy = await openProxy(all, secrets.registryPassword)
  const server = await all.server({
    prepare: `cat >/usr/local/bin/docker <<'END'
${recorder('/usr/bin/docker', callsOnServer)}END
chmod 755 /usr/local/bin/docker; touch ${callsOnServer}; chmod 666 ${callsOnServer}
echo '${key.publicKey}' >>/home/deploy/.ssh/authorized_keys
echo 'password:${secrets.loginPassword}' | chpasswd
`,
  })
  return {
    ...secrets,
    ...settings,
    settings: Object.values(settings),
    server,
    registry: proxy.host,
    key: key.text,
    // The middle of the key: even a part of it is secret.
    words: [...Object.values(secrets), key.text.split('\n')[2] ?? '', encoded(all, secrets.registryPassword)],
    async [Symbol.asyncDispose]() {
      await server.remove()
      await proxy[Symbol.asyncDispose]()
    },
  }
}

const encoded = ({ registry: { username } }: Rig, password: string): string =>
  Buffer.from(`${username}:${password}`).toString('base64')

/** Starts a proxy for the rig's registry that accepts the planted password instead of the registry's own. */
const openProxy = (all: Rig, password: string) =>
  faultyProxy(all, {
    on: () => true,
    seconds: 3600,
    fault(incoming, response) {
      const valid = incoming.headers.authorization === `Basic ${encoded(all, password)}`
      if (valid) incoming.headers.authorization = `Basic ${encoded(all, all.registry.password)}`
      else delete incoming.headers.authorization
      forward(incoming, response, all.registry.host)
    },
  })

function makeKey(phrase: string): { readonly text: string; readonly publicKey: string } {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-key-'))
  const file = join(directory, 'key')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-a', '4', '-C', 'planted', '-N', phrase, '-f', file])
  const key = { text: readFileSync(file, 'utf8'), publicKey: readFileSync(`${file}.pub`, 'utf8').trim() }
  rmSync(directory, { recursive: true })
  return key
}
