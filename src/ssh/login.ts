import type {
  AnyAuthMethod,
  AuthenticationType,
  BaseAgent,
  KeyboardInteractiveAuthMethod,
  NextAuthHandler,
  ParsedKey,
} from 'ssh2'
import type { Problem } from '../core/errors.ts'
import type { UsableKey } from './key.ts'
import type { Authentication } from './plan.ts'
import { fingerprint, publicKeyType } from './wire.ts'

/** The credentials of a login, with the key already decrypted. */
export type Credentials =
  | { readonly kind: 'key'; readonly key: UsableKey; readonly password?: string }
  | Exclude<Authentication, { kind: 'key' }>

/** What happened during a login, to explain a failure. */
export interface LoginHistory {
  readonly user: string
  readonly credentials: Credentials
  /** The credentials that were tried, in order. */
  readonly tried: readonly Attempt['name'][]
  /** Prompts that were not answered: a second factor. */
  readonly unanswered: readonly string[]
  /** The methods that the server accepts next. */
  readonly offered: readonly string[]
  /** True if the server accepted one credential and requires another. */
  readonly partial: boolean
}

/** One login. */
export interface Login {
  /** Called by ssh2 for each authentication method to try. */
  readonly next: (
    accepted: AuthenticationType[] | null,
    partial: boolean | null,
    use: NextAuthHandler,
  ) => void
  readonly history: () => LoginHistory
}

type Ssh2 = typeof import('ssh2')

/**
 * Returns the login of a user. It first asks the server for its authentication methods (method `none`), so that no
 * attempt is wasted. It tries each credential only once, because servers ban clients that fail repeatedly.
 */
export async function startLogin(user: string, credentials: Credentials): Promise<Login> {
  const { default: ssh2 } = await import('ssh2')
  const unanswered: string[] = []
  const attempts = attemptsOf(user, credentials, unanswered, ssh2)
  const tried: Attempt[] = []
  const succeeded = new Set<Attempt['name']>()
  let offered: readonly string[] = []
  return {
    next(accepted, partial, use) {
      if (accepted === null) return use({ type: 'none', username: user })
      offered = accepted
      const last = tried.at(-1)
      if (partial === true && last !== undefined) succeeded.add(last.name)
      const isAccepted = ({ type }: AnyAuthMethod) => accepted.includes(type === 'agent' ? 'publickey' : type)
      const isOpen = (attempt: Attempt) => !tried.includes(attempt) && !succeeded.has(attempt.name)
      const attempt = attempts.find(each => isOpen(each) && each.methods.some(isAccepted))
      const method = attempt?.methods.find(isAccepted)
      if (attempt === undefined || method === undefined) return use(false as unknown as AuthenticationType)
      tried.push(attempt)
      use(method)
    },
    history: () => ({
      user,
      credentials,
      tried: [...new Set(tried.map(({ name }) => name))],
      unanswered,
      offered,
      partial: succeeded.size > 0,
    }),
  }
}

interface Attempt {
  readonly name: 'key' | 'password' | 'agent'
  /** Equivalent authentication methods, best first. */
  readonly methods: readonly AnyAuthMethod[]
}

function attemptsOf(username: string, credentials: Credentials, unanswered: string[], ssh2: Ssh2): Attempt[] {
  if (credentials.kind === 'agent') {
    const agent = withSha2(ssh2, credentials.socket)
    return [{ name: 'agent', methods: [{ type: 'agent', username, agent }] }]
  }
  const attempts: Attempt[] = []
  if (credentials.kind === 'key') {
    const parsed = ssh2.utils.parseKey(credentials.key.privateKey)
    if (parsed instanceof Error) throw parsed
    for (const key of signers(parsed)) {
      attempts.push({
        name: 'key',
        methods: [{ type: 'publickey', username, key: key as unknown as string }],
      })
    }
  }
  const { password } = credentials
  if (password !== undefined) {
    const prompts = keyboardInteractive(username, password, unanswered)
    attempts.push({ name: 'password', methods: [{ type: 'password', username, password }, prompts] })
  }
  return attempts
}

const hashes: Readonly<Record<string, 'sha512' | 'sha256'>> = {
  'rsa-sha2-512': 'sha512',
  'rsa-sha2-256': 'sha256',
}

/**
 * Returns one key for each algorithm that the given key can sign with. For an RSA key, ssh2 itself tries only one: the
 * first that the server lists, even if the server accepts only another one, or SHA-1 if the server lists none. Slipway
 * never signs with SHA-1.
 */
function signers(key: ParsedKey): ParsedKey[] {
  if (key.type !== 'ssh-rsa') return [key]
  return Object.entries(hashes).map(([type, hash]) =>
    Object.create(key, { type: { value: type }, sign: { value: (data: Buffer) => key.sign(data, hash) } }),
  )
}

/** Returns the SSH agent at a socket, with RSA keys that sign as those of {@link signers}. */
function withSha2({ BaseAgent, createAgent, utils }: Ssh2, socket: string): BaseAgent {
  const agent = createAgent(socket)
  const keys = new WeakMap<object, ParsedKey>()
  class Sha2Agent extends BaseAgent<ParsedKey> {
    override getIdentities(done: (error?: Error | null, keys?: ParsedKey[]) => void): void {
      agent.getIdentities((error, identities) => {
        const parsed = (identities ?? []).map(each => utils.parseKey(each as ParsedKey))
        const usable = parsed.filter(each => !(each instanceof Error)) as ParsedKey[]
        const all = usable.flatMap(key => {
          const each = signers(key)
          for (const signer of each) keys.set(signer, key)
          return each
        })
        if (error) done(error)
        else done(null, all)
      })
    }
    override sign(key: ParsedKey, data: Buffer, ...rest: unknown[]): void {
      const done = rest.at(-1) as (error?: Error | null, signature?: Buffer) => void
      const hash = hashes[key.type]
      agent.sign(keys.get(key) ?? key, data, hash === undefined ? {} : { hash }, done)
    }
  }
  return new Sha2Agent()
}

/** Answers the first hidden prompt with the password, and no other prompt: that would be a second factor. */
function keyboardInteractive(
  username: string,
  password: string,
  unanswered: string[],
): KeyboardInteractiveAuthMethod {
  let answered = false
  return {
    type: 'keyboard-interactive',
    username,
    prompt(_name, _instructions, _language, prompts, finish) {
      finish(
        prompts.map(({ prompt, echo }) => {
          if (!answered && echo !== true) {
            answered = true
            return password
          }
          unanswered.push(prompt.trim())
          return ''
        }),
      )
    },
  }
}

/** Explains why a server (`host:port`) rejected the login. */
export function explainLogin(server: string, history: LoginHistory): Problem {
  const { user, credentials, tried, unanswered, partial } = history
  const accepts = history.offered.length === 0 ? 'nothing' : history.offered.join(', ')
  if (unanswered.length > 0) return secondFactor(server, history)
  if (partial) {
    return {
      input: 'ssh-password',
      cause: `${server} accepted the ${tried[0]} of ${user}, but requires another credential: it accepts ${accepts}.`,
      remedy: 'Set both `ssh-key` and `ssh-password`, or log in as a user that needs only one.',
    }
  }
  if (tried.includes('key')) return rejectedKey(server, history, accepts)
  if (tried.includes('agent')) {
    return {
      input: 'ssh-key',
      cause: `${server} accepts no key of the agent at SSH_AUTH_SOCK for the user ${user}.`,
      remedy: `Set \`ssh-key\`, or add a line of \`ssh-add -L\` to ~${user}/.ssh/authorized_keys on the server.`,
    }
  }
  if (tried.includes('password')) {
    return {
      input: 'ssh-password',
      cause: `${server} does not accept \`ssh-password\` for the user ${user}.`,
      remedy: 'Check the user and the password; root can often log in only with a key (PermitRootLogin).',
    }
  }
  const input = credentials.kind === 'password' ? 'ssh-password' : 'ssh-key'
  return {
    input,
    cause: `${server} does not allow \`${input}\` for the user ${user}: it accepts ${accepts}.`,
    remedy:
      input === 'ssh-key'
        ? 'Allow keys in its sshd_config (`PubkeyAuthentication yes`), or set a credential that it accepts.'
        : 'Set `ssh-key` instead.',
  }
}

const secondFactor = (server: string, { user, unanswered }: LoginHistory): Problem => ({
  input: 'ssh-password',
  cause: `${server} asks ${user} for more than a password: ${unanswered.join(', ')}.`,
  remedy: 'A workflow cannot answer that: log in with `ssh-key`, as a user that needs no second factor.',
})

function rejectedKey(server: string, { user, credentials, tried }: LoginHistory, accepts: string): Problem {
  const key = credentials.kind === 'key' ? credentials.key.publicKey : Buffer.alloc(0)
  const password = tried.includes('password') ? ', nor `ssh-password`' : ''
  const rsa =
    publicKeyType(key) === 'ssh-rsa'
      ? ' If the line is there, the server may accept no RSA keys (PubkeyAcceptedAlgorithms in its sshd_config): generate ' +
        'another key with `ssh-keygen -t ed25519`.'
      : ''
  return {
    input: 'ssh-key',
    cause:
      `${server} does not accept \`ssh-key\`${password} for the user ${user}: ` +
      `${publicKeyType(key)} ${fingerprint(key)} (the server accepts ${accepts}).`,
    remedy:
      `If ${user} is the right user, add this line to ~${user}/.ssh/authorized_keys on the server, which must be ` +
      `writable only by its owner: ${publicKeyType(key)} ${key.toString('base64')}${rsa === '' ? '' : `.${rsa}`}`,
  }
}
