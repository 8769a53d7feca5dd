import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Rig, Server } from '../rig/rig.ts'
import { faultyFront, handOn } from './faulty-front.ts'
import { noting } from './watch.ts'

/** A server and a registry that nobody else uses, and the secrets that open them: whoever sees one got it from us. */
export interface Planted extends AsyncDisposable {
  readonly server: Server
  /** `address:port` of the registry. */
  readonly registry: string
  readonly key: string
  readonly passphrase: string
  /** Of the server's user `password`. */
  readonly loginPassword: string
  readonly registryPassword: string
  readonly buildSecret: string
  readonly token: string
  /** Values of `env`: shown nowhere, and on the server in the env file and its copies alone. */
  readonly setting: string
  /** A line of a value of several. */
  readonly settingLine: string
  readonly settings: readonly string[]
  /** What is looked for: each of them, and the forms that they take. */
  readonly words: readonly string[]
}

const plant = (what: string): string => `planted-${what}-${randomBytes(12).toString('hex')}`

/** Where the server notes how its docker was called. */
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
  const front = await openFront(all, secrets.registryPassword)
  const server = await all.server({
    prepare: `cat >/usr/local/bin/docker <<'END'
${noting('/usr/bin/docker', callsOnServer)}END
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
    registry: front.host,
    key: key.text,
    // The middle of the key: a part of it is no less a secret.
    words: [...Object.values(secrets), key.text.split('\n')[2] ?? '', encoded(all, secrets.registryPassword)],
    async [Symbol.asyncDispose]() {
      await server.remove()
      await front[Symbol.asyncDispose]()
    },
  }
}

const encoded = ({ registry: { username } }: Rig, password: string): string =>
  Buffer.from(`${username}:${password}`).toString('base64')

/** The rig's registry, with the planted password in place of its own. */
const openFront = (all: Rig, password: string) =>
  faultyFront(all, {
    on: () => true,
    seconds: 3600,
    fault(incoming, response) {
      const right = incoming.headers.authorization === `Basic ${encoded(all, password)}`
      if (right) incoming.headers.authorization = `Basic ${encoded(all, all.registry.password)}`
      else delete incoming.headers.authorization
      handOn(incoming, response, all.registry.host)
    },
  })

function makeKey(phrase: string): { readonly text: string; readonly publicKey: string } {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-key-'))
  const file = join(directory, 'key')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-a', '4', '-C', 'planted', '-N', phrase, '-f', file])
  const made = { text: readFileSync(file, 'utf8'), publicKey: readFileSync(`${file}.pub`, 'utf8').trim() }
  rmSync(directory, { recursive: true })
  return made
}
