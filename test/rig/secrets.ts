import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.ts'
import type { Place } from './place.ts'
import { ensure, read, write } from './record.ts'

/** A private key for every account of the rig's servers, except those that log in with a password. */
export interface KeyFile {
  readonly file: string
  /** The content of the file. */
  readonly text: string
  readonly passphrase?: string
}

/** The credentials of the rig's servers and registries, generated once per rig. */
export interface Access {
  readonly key: KeyFile
  readonly encryptedKey: KeyFile
  readonly rsaKey: KeyFile
  /** A key that no server accepts. */
  readonly strangeKey: KeyFile
  /** Lines for authorized_keys. */
  readonly publicKeys: string
  /** The password of the users `password` and `keyboard`. */
  readonly password: string
  readonly registryPassword: string
}

const random = (): string => randomBytes(12).toString('base64url')

const kinds = {
  key: ['-t', 'ed25519'],
  encryptedKey: ['-t', 'ed25519', '-a', '4'],
  rsaKey: ['-t', 'rsa', '-b', '2048'],
  strangeKey: ['-t', 'ed25519'],
} as const

/** Generates a key pair in `building`, which will later be renamed to `directory`. */
async function makeKey(
  building: string,
  directory: string,
  name: keyof typeof kinds,
  passphrase?: string,
): Promise<KeyFile> {
  const path = join(building, name)
  await run('ssh-keygen', ['-q', '-C', 'slipway', ...kinds[name], '-N', passphrase ?? '', '-f', path])
  const text = readFileSync(path, 'utf8')
  return { file: join(directory, name), text, ...(passphrase ? { passphrase } : {}) }
}

async function make(at: Place): Promise<Access> {
  const directory = join(at.run, 'keys')
  const building = `${directory}.${random()}`
  mkdirSync(building, { recursive: true, mode: 0o700 })
  const [key, encryptedKey, rsaKey, strangeKey] = await Promise.all([
    makeKey(building, directory, 'key'),
    makeKey(building, directory, 'encryptedKey', random()),
    makeKey(building, directory, 'rsaKey'),
    makeKey(building, directory, 'strangeKey'),
  ])
  const authorized = ['key', 'encryptedKey', 'rsaKey']
  const publicKeys = authorized.map(name => readFileSync(join(building, `${name}.pub`), 'utf8')).join('')
  // An existing directory comes from a process that was killed before it recorded the keys.
  rmSync(directory, { recursive: true, force: true })
  renameSync(building, directory)
  const passwords = { password: random(), registryPassword: random() }
  return { key, encryptedKey, rsaKey, strangeKey, publicKeys, ...passwords }
}

export const accessOf = (at: Place): Promise<Access> =>
  ensure(
    at,
    'access',
    () => read<Access>(at, 'access'),
    async () => {
      const access = await make(at)
      write(at, 'access', access)
      return access
    },
  )
