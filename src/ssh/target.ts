import type { Problem } from '../core/errors.ts'
import type { Findings } from '../core/findings.ts'
import type { InputName, Inputs } from '../inputs/inputs.ts'
import { type Address, isBadAddress, parseAddress, parsePort } from './address.ts'
import { isProblem, missingPassphrase, repairKey } from './key-text.ts'
import type { Authentication, SshPlan } from './plan.ts'
import { planHostKeys } from './trust.ts'

/** Inputs that need a server. Inputs with a default in action.yml are omitted, because they are never empty. */
const serverInputs = [
  'ssh-user',
  'ssh-key',
  'ssh-password',
  'ssh-known-hosts',
  'ssh-fingerprint',
  'ssh-jump',
  'project-directory',
  'service',
  'compose-files',
  'project-name',
  'rollback-to',
] as const satisfies readonly InputName[]

/**
 * Plans the connection to the server. Returns undefined without a server (no `ssh-host`), or if an input is wrong; all
 * problems are then in the findings. Do not call it for a run without access to secrets, where `ssh-host` may rightly
 * be empty.
 */
export function planSsh(
  inputs: Inputs,
  env: { readonly SSH_AUTH_SOCK?: string | undefined },
  findings: Findings,
): SshPlan | undefined {
  if (inputs['ssh-host'] === '') {
    const given = serverInputs.filter(name => inputs[name] !== '')
    if (given.length > 0) findings.problems.push(noServer(given))
    return undefined
  }
  const target = planTarget(inputs, findings)
  const jump = planJump(inputs['ssh-jump'], target?.user, findings)
  const authentication = planAuthentication(inputs, env.SSH_AUTH_SOCK ?? '', findings)
  const hostKeys = planHostKeys(inputs, target ?? { host: 'HOST', port: 22 }, jump, findings)
  if (target === undefined || authentication === undefined || hostKeys === undefined) return undefined
  const plan = { ...target, authentication, hostKey: hostKeys.server }
  return jump && hostKeys.jump ? { ...plan, jump: { ...jump, hostKey: hostKeys.jump } } : plan
}

const noServer = (given: readonly string[]): Problem => ({
  input: 'ssh-host',
  cause: `\`ssh-host\` is empty, but ${given.map(name => `\`${name}\``).join(', ')} ${given.length > 1 ? 'are' : 'is'} set.`,
  remedy:
    'Set the variable or secret that `ssh-host` is read from (each environment has its own). To build and push without a deploy, remove the others too.',
})

type Target = Pick<SshPlan, 'host' | 'port' | 'user'>

function planTarget(inputs: Inputs, findings: Findings): Target | undefined {
  const address = readAddress('ssh-host', inputs['ssh-host'], findings)
  if (address === undefined) return undefined
  const user = agree('ssh-user', address.user, inputs['ssh-user'], findings)
  if (user === '') findings.problems.push(noUser(inputs['ssh-host']))
  const portText = agree('ssh-port', address.port?.toString(), inputs['ssh-port'], findings)
  const port = portText === '' ? 22 : parsePort(portText)
  if (port === undefined) findings.problems.push(badPort(portText))
  return { host: address.host, port: port ?? 22, user }
}

/**
 * Returns the value from `ssh-host`, else from its own input (`ssh-user`, `ssh-port`). Both must agree if both are set.
 */
function agree(input: InputName, inHost: string | undefined, inInput: string, findings: Findings): string {
  if (inHost !== undefined && inInput !== '' && inInput !== inHost) {
    findings.problems.push({
      input,
      cause: `\`ssh-host\` says \`${inHost}\`, but \`${input}\` says \`${inInput}\`.`,
      remedy: 'Remove one of them.',
    })
  }
  return inHost ?? inInput
}

const noUser = (host: string): Problem => ({
  input: 'ssh-user',
  cause: `\`ssh-host\` is \`${host}\`, and there is no user to log in as.`,
  remedy: `Write \`ssh-host: deploy@${host}\`, or set \`ssh-user\`.`,
})

const badPort = (port: string): Problem => ({
  input: 'ssh-port',
  cause: `\`ssh-port\` is \`${port}\`, which is not a port number.`,
  remedy: 'Set it to a number from 1 to 65535, or remove it to use port 22.',
})

function readAddress(input: InputName, text: string, findings: Findings): Address | undefined {
  const address = parseAddress(text)
  if (!isBadAddress(address)) return address
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${address.shown}\`, which ${address.reason}.`,
    remedy: address.reason.includes('password')
      ? 'Set `ssh-password` from a secret instead. Change the password first, as it may have been logged.'
      : 'Name one server: `host`, `user@host`, `user@host:port` or `[2001:db8::1]:port`.',
  })
  return undefined
}

function planJump(text: string, user: string | undefined, findings: Findings): Target | undefined {
  const address = text === '' ? undefined : readAddress('ssh-jump', text, findings)
  if (address === undefined) return undefined
  return { host: address.host, port: address.port ?? 22, user: address.user ?? user ?? '' }
}

function planAuthentication(inputs: Inputs, agent: string, findings: Findings): Authentication | undefined {
  const { 'ssh-key': key, 'ssh-passphrase': passphrase, 'ssh-password': password } = inputs
  if (key !== '') return planKey(key, passphrase, password, findings)
  if (password !== '') return { kind: 'password', password }
  if (agent !== '') return { kind: 'agent', socket: agent }
  findings.problems.push({
    input: 'ssh-key',
    cause: 'No SSH credential: `ssh-key` and `ssh-password` are empty, and no SSH agent is running.',
    remedy:
      'Set the secret (`gh secret set SSH_KEY <KEY-FILE`) and check its name in the workflow. A secret of an environment needs `environment:` in the job; forks and Dependabot get no secrets.',
  })
  return undefined
}

function planKey(
  given: string,
  passphrase: string,
  password: string,
  findings: Findings,
): Authentication | undefined {
  const key = repairKey(given)
  const problem = isProblem(key) ? key : key.encrypted && passphrase === '' ? missingPassphrase : undefined
  if (problem !== undefined) findings.problems.push(problem)
  if (isProblem(key)) return undefined
  return {
    kind: 'key',
    key: key.text,
    ...(passphrase === '' ? {} : { passphrase }),
    ...(password === '' ? {} : { password }),
  }
}
