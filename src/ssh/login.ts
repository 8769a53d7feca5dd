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

/** What a login is made with; a key comes opened. */
export type Credentials =
  | { readonly kind: 'key'; readonly key: UsableKey; readonly password?: string }
  | Exclude<Authentication, { kind: 'key' }>

/** How far a login got. */
export interface LoginStory {
  readonly user: string
  readonly credentials: Credentials
  /** In this order. */
  readonly tried: readonly Way['name'][]
  /** Questions that had no answer: a second factor. */
  readonly asked: readonly string[]
  /** The methods that the server would take next. */
  readonly offered: readonly string[]
  /** It took one, and wants another. */
  readonly partly: boolean
}

/** One login: `next` is asked by ssh2 for each method to try, `story` tells what became of it. */
export interface Login {
  readonly next: (left: AuthenticationType[] | null, partial: boolean | null, use: NextAuthHandler) => void
  readonly story: () => LoginStory
}

type Ssh2 = typeof import('ssh2')

/**
 * The first question is for the methods that the server takes, so that nothing is tried in vain; each way is tried
 * once, as servers lock out who fails.
 */
export async function startLogin(user: string, credentials: Credentials): Promise<Login> {
  const { default: ssh2 } = await import('ssh2')
  const asked: string[] = []
  const ways = waysOf(user, credentials, asked, ssh2)
  const tried: Way[] = []
  const taken = new Set<Way['name']>()
  let offered: readonly string[] = []
  return {
    next(left, partial, use) {
      if (left === null) return use({ type: 'none', username: user })
      offered = left
      const last = tried.at(-1)
      if (partial === true && last !== undefined) taken.add(last.name)
      const isOffered = ({ type }: AnyAuthMethod) => left.includes(type === 'agent' ? 'publickey' : type)
      const isOpen = (way: Way) => !tried.includes(way) && !taken.has(way.name)
      const way = ways.find(each => isOpen(each) && each.methods.some(isOffered))
      const method = way?.methods.find(isOffered)
      if (way === undefined || method === undefined) return use(false as unknown as AuthenticationType)
      tried.push(way)
      use(method)
    },
    story: () => ({
      user,
      credentials,
      tried: [...new Set(tried.map(({ name }) => name))],
      asked,
      offered,
      partly: taken.size > 0,
    }),
  }
}

interface Way {
  readonly name: 'key' | 'password' | 'agent'
  /** Methods that come to the same, the best first. */
  readonly methods: readonly AnyAuthMethod[]
}

function waysOf(username: string, credentials: Credentials, asked: string[], ssh2: Ssh2): Way[] {
  if (credentials.kind === 'agent') {
    const agent = withSha2(ssh2, credentials.socket)
    return [{ name: 'agent', methods: [{ type: 'agent', username, agent }] }]
  }
  const ways: Way[] = []
  if (credentials.kind === 'key') {
    const parsed = ssh2.utils.parseKey(credentials.key.privateKey)
    if (parsed instanceof Error) throw parsed
    for (const key of signers(parsed)) {
      ways.push({ name: 'key', methods: [{ type: 'publickey', username, key: key as unknown as string }] })
    }
  }
  const { password } = credentials
  if (password !== undefined) {
    const dialogue = answering(username, password, asked)
    ways.push({ name: 'password', methods: [{ type: 'password', username, password }, dialogue] })
  }
  return ways
}

const hashes: Readonly<Record<string, 'sha512' | 'sha256'>> = {
  'rsa-sha2-512': 'sha512',
  'rsa-sha2-256': 'sha256',
}

/**
 * The algorithms that a key can sign with, a key for each. ssh2 tries one for an RSA key: the first that the server
 * lists, though it may take only another, and SHA-1 where the server lists none. SHA-1 is never used here.
 */
function signers(key: ParsedKey): ParsedKey[] {
  if (key.type !== 'ssh-rsa') return [key]
  return Object.entries(hashes).map(([type, hash]) =>
    Object.create(key, { type: { value: type }, sign: { value: (data: Buffer) => key.sign(data, hash) } }),
  )
}

/** The agent, which signs with RSA keys as {@link signers} does. */
function withSha2({ BaseAgent, createAgent, utils }: Ssh2, socket: string): BaseAgent {
  const agent = createAgent(socket)
  const keys = new WeakMap<object, ParsedKey>()
  class Sha2Agent extends BaseAgent<ParsedKey> {
    override getIdentities(done: (error?: Error | null, keys?: ParsedKey[]) => void): void {
      agent.getIdentities((error, found) => {
        const parsed = (found ?? []).map(each => utils.parseKey(each as ParsedKey))
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

/** Answers the first hidden question with the password, and no other: that would be a second factor. */
function answering(username: string, password: string, asked: string[]): KeyboardInteractiveAuthMethod {
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
          asked.push(prompt.trim())
          return ''
        }),
      )
    },
  }
}

/** Why a server, named for people, did not let us in. */
export function explainLogin(server: string, story: LoginStory): Problem {
  const { user, credentials, tried, asked, partly } = story
  const takes = story.offered.length === 0 ? 'nothing' : story.offered.join(', ')
  if (asked.length > 0) return secondFactor(server, story)
  if (partly) {
    return {
      input: 'ssh-password',
      cause: `${server} took the ${tried[0]} of ${user}, but asks for more: it takes ${takes}.`,
      remedy: 'Give `ssh-key` and `ssh-password` both, or log in as a user that needs only one.',
    }
  }
  if (tried.includes('key')) return refusedKey(server, story, takes)
  if (tried.includes('agent')) {
    return {
      input: 'ssh-key',
      cause: `${server} accepts no key of the agent at SSH_AUTH_SOCK for the user ${user}.`,
      remedy: `Give \`ssh-key\`, or add a line of \`ssh-add -L\` to ~${user}/.ssh/authorized_keys there.`,
    }
  }
  if (tried.includes('password')) {
    return {
      input: 'ssh-password',
      cause: `${server} does not accept \`ssh-password\` for the user ${user}.`,
      remedy: 'Check the user and the password; root can often log in with a key only (PermitRootLogin).',
    }
  }
  const input = credentials.kind === 'password' ? 'ssh-password' : 'ssh-key'
  return {
    input,
    cause: `${server} does not take \`${input}\` from the user ${user}: it takes ${takes}.`,
    remedy:
      input === 'ssh-key'
        ? 'Allow keys in its sshd_config, or give what it takes.'
        : 'Give `ssh-key` instead.',
  }
}

const secondFactor = (server: string, { user, asked }: LoginStory): Problem => ({
  input: 'ssh-password',
  cause: `${server} asks ${user} for more than a password: ${asked.join(', ')}.`,
  remedy: 'A workflow cannot answer that: log in with `ssh-key`, as a user that needs no second factor.',
})

function refusedKey(server: string, { user, credentials, tried }: LoginStory, takes: string): Problem {
  const key = credentials.kind === 'key' ? credentials.key.publicKey : Buffer.alloc(0)
  const password = tried.includes('password') ? ', nor `ssh-password`' : ''
  const rsa =
    publicKeyType(key) === 'ssh-rsa'
      ? ' If it is there, the server may take no RSA key (PubkeyAcceptedAlgorithms in its sshd_config): make another one ' +
        'with `ssh-keygen -t ed25519`.'
      : ''
  return {
    input: 'ssh-key',
    cause:
      `${server} does not accept \`ssh-key\`${password} for the user ${user}: ` +
      `${publicKeyType(key)} ${fingerprint(key)} (the server takes ${takes}).`,
    remedy:
      `Is ${user} the right user? Then add this line to ~${user}/.ssh/authorized_keys there, which nobody else may ` +
      `be able to write: ${publicKeyType(key)} ${key.toString('base64')}${rsa === '' ? '' : `.${rsa}`}`,
  }
}
