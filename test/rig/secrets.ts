import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './command.ts'
import type { Place } from './place.ts'
import { ensure, read, write } from './record.ts'

/** A private key that opens every account of the rig's servers but those with a password. */
export interface KeyFile {
  readonly file: string
  /** What stands in the file. */
  readonly text: string
  readonly passphrase?: string
}

/** What opens the rig's servers and registry; made once for a rig, known nowhere else. */
export interface Access {
  readonly key: KeyFile
  readonly encryptedKey: KeyFile
  readonly rsaKey: KeyFile
  /** A key that no server knows. */
  readonly strangeKey: KeyFile
  /** Lines of authorized_keys. */
  readonly publicKeys: string
  /** Of the users `password` and `keyboard`. */
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

async function make(at: Place): Promise<Access> {
  const directory = join(at.run, 'keys')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const passphrase = random()
  const make = async (name: keyof typeof kinds, phrase?: string): Promise<KeyFile> => {
    const file = join(directory, name)
    if (!existsSync(file))
      await run('ssh-keygen', ['-q', '-C', 'slipway', ...kinds[name], '-N', phrase ?? '', '-f', file])
    return { file, text: readFileSync(file, 'utf8'), ...(phrase ? { passphrase: phrase } : {}) }
  }
  const key = await make('key')
  const encryptedKey = await make('encryptedKey', passphrase)
  const rsaKey = await make('rsaKey')
  const publicKeys = [key, encryptedKey, rsaKey]
    .map(({ file }) => readFileSync(`${file}.pub`, 'utf8'))
    .join('')
  return {
    key,
    encryptedKey,
    rsaKey,
    strangeKey: await make('strangeKey'),
    publicKeys,
    password: random(),
    registryPassword: random(),
  }
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
