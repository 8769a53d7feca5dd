import type { Problem } from '../core/errors.ts'
import type { LoginStory } from './login.ts'
import { fingerprint, publicKeyType } from './wire.ts'

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
  return {
    input: 'ssh-key',
    cause:
      `${server} does not accept \`ssh-key\`${password} for the user ${user}: ` +
      `${publicKeyType(key)} ${fingerprint(key)} (the server takes ${takes}).`,
    remedy:
      `Is ${user} the right user? Then add this line to ~${user}/.ssh/authorized_keys there, which nobody else may ` +
      `be able to write: ${publicKeyType(key)} ${key.toString('base64')}`,
  }
}
