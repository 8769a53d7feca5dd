import type { AnyAuthMethod, AuthenticationType, KeyboardInteractiveAuthMethod, NextAuthHandler } from 'ssh2'
import type { UsableKey } from './key.ts'
import type { Authentication } from './plan.ts'

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

/**
 * The first question is for the methods that the server takes, so that nothing is tried in vain; each way is tried
 * once, as servers lock out who fails.
 */
export function startLogin(user: string, credentials: Credentials): Login {
  const asked: string[] = []
  const ways = waysOf(user, credentials, asked)
  const tried: Way['name'][] = []
  let offered: readonly string[] = []
  let partly = false
  return {
    next(left, partial, use) {
      if (left === null) return use({ type: 'none', username: user })
      offered = left
      partly ||= partial === true
      const taken = ({ type }: AnyAuthMethod) => left.includes(type === 'agent' ? 'publickey' : type)
      const way = ways.find(({ name, methods }) => !tried.includes(name) && methods.some(taken))
      const method = way?.methods.find(taken)
      if (way === undefined || method === undefined) return use(false as unknown as AuthenticationType)
      tried.push(way.name)
      use(method)
    },
    story: () => ({ user, credentials, tried, asked, offered, partly }),
  }
}

interface Way {
  readonly name: 'key' | 'password' | 'agent'
  /** Methods that come to the same, the best first. */
  readonly methods: readonly AnyAuthMethod[]
}

function waysOf(username: string, credentials: Credentials, asked: string[]): Way[] {
  if (credentials.kind === 'agent') {
    return [{ name: 'agent', methods: [{ type: 'agent', username, agent: credentials.socket }] }]
  }
  const ways: Way[] = []
  if (credentials.kind === 'key') {
    const key = credentials.key.privateKey
    ways.push({ name: 'key', methods: [{ type: 'publickey', username, key }] })
  }
  const { password } = credentials
  if (password !== undefined) {
    const dialogue = answering(username, password, asked)
    ways.push({ name: 'password', methods: [{ type: 'password', username, password }, dialogue] })
  }
  return ways
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
