import { at, type Context } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import { trustOf } from '../github/trust.ts'
import { dockerHub, type Reference, registryHost } from '../image/reference.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { ecrRemedy, isOwnRegistry, needsEcrLogin } from './hosts.ts'

/** The registries to log in to, and for how long. */
export interface RegistryPlan {
  readonly logins: readonly Login[]
  /** `job`: later steps use the logins too, until `post:`. */
  readonly loginScope: 'step' | 'job'
  /** The server's own login for its pulls, if it has one. */
  readonly server?: ServerLogin
}

export interface ServerLogin {
  readonly username: string
  readonly password: string
  /** The registry that `registry` names: the login is for it if the server pulls from several. */
  readonly registry?: string
}

export interface Login {
  /** `docker.io`, `ghcr.io`, `localhost:5000` */
  readonly registry: string
  readonly username: string
  readonly password: string
  /** The job's token, used by default: a login of an earlier step wins over it. */
  readonly implied?: true
}

/** The images that the registry inputs may be for. */
interface References {
  /** Those that this run pushes or deploys. */
  readonly used: readonly Reference[]
  /** Those that `image` names with `enable=false`. */
  readonly disabled: readonly Reference[]
}

/**
 * Parses the registry inputs for the images that this run pushes or deploys. A password goes only to the registry that
 * it is given for, the run's own token only to the forge's own registry.
 */
export async function planRegistry(
  inputs: Inputs,
  context: Context,
  { used, disabled }: References,
  findings: Findings,
): Promise<RegistryPlan> {
  const hosts = hostsOf(used)
  const given = [
    // A password for an image that is disabled in this run must not go to the registry of another one.
    ...planCredentials(inputs, context, hostsOf([...used, ...disabled]), findings),
    ...(await readRegistryAuth(inputs['registry-auth'], context, findings)),
  ]
  const implied = hosts
    .filter(host => isOwnRegistry(host, context) && !given.some(login => login.registry === host))
    .filter(() => inputs['github-token'] !== '')
    .map(registry => ({
      registry,
      username: context.actor,
      password: inputs['github-token'],
      implied: true as const,
    }))
  return {
    logins: distinct([...given, ...implied], findings),
    loginScope: planLoginScope(inputs, findings),
    ...planServer(inputs, context, findings),
  }
}

const hostsOf = (references: readonly Reference[]): string[] => [
  ...new Set(references.map(({ registry }) => registryHost(registry))),
]

/** Parses `server-registry-username` and `server-registry-password`: both or neither. */
function planServer(inputs: Inputs, context: Context, findings: Findings): Pick<RegistryPlan, 'server'> {
  const username = inputs['server-registry-username']
  const password = inputs['server-registry-password']
  if (username !== '' && password !== '' && !/^false$/i.test(inputs['server-login']))
    return {
      server: { username, password, ...(inputs.registry && { registry: registryHost(inputs.registry) }) },
    }
  if (username === '' && password === '') return {}
  const [missing, given] =
    username === ''
      ? (['server-registry-username', 'server-registry-password'] as const)
      : (['server-registry-password', 'server-registry-username'] as const)
  if (username !== '' && password !== '')
    findings.problems.push({
      input: 'server-login',
      cause: '`server-login` is `false`, but `server-registry-username` gives the server a login.',
      remedy: 'Remove one of them.',
    })
  // An untrusted run (fork, Dependabot) gets no secrets and deploys nothing.
  else if (trustOf(context) === 'own')
    findings.problems.push({
      input: missing,
      cause: `\`${given}\` is given, but \`${missing}\` is empty.`,
      remedy: 'Give both. Check that the secret is set, and that this environment may read it.',
    })
  return {}
}

function planLoginScope(inputs: Inputs, findings: Findings): RegistryPlan['loginScope'] {
  if (inputs.login === 'job' || inputs.login === 'step' || inputs.login === '') return inputs.login || 'step'
  findings.problems.push({
    input: 'login',
    cause: `\`login\` is \`${inputs.login}\`, which is neither \`step\` nor \`job\`.`,
    remedy: 'Write `job` to keep the logins for later steps; otherwise remove `login`.',
  })
  return 'step'
}

/** Parses `registry`, `registry-username` and `registry-password`. */
function planCredentials(
  inputs: Inputs,
  context: Context,
  hosts: readonly string[],
  findings: Findings,
): Login[] {
  const username = inputs['registry-username']
  const password = inputs['registry-password']
  if (username === '' && password === '') return []
  if (password === '') return missingPassword(context, findings)
  const registry = chooseRegistry(inputs, hosts, findings)
  if (registry === undefined) return []
  if (needsEcrLogin(registry, username)) {
    findings.problems.push(ecrLogin(registry))
    return []
  }
  const name = username || (isOwnRegistry(registry, context) ? context.actor : '')
  if (name === '') findings.problems.push(noUsername(registry))
  return [{ registry, username: name, password }]
}

/**
 * Returns the registry that the login is for. Never guesses: if no input names a registry or an image, the workflow may
 * mean Docker Hub, which is the default of docker/login-action.
 */
function chooseRegistry(inputs: Inputs, hosts: readonly string[], findings: Findings) {
  const [host] = hosts
  if (inputs.registry !== '') return registryHost(inputs.registry)
  if (host === undefined || (hosts.length === 1 && (namesImage(inputs) || isForgeToken(inputs)))) return host
  if (hosts.length === 1) {
    findings.problems.push(unnamedRegistry(host))
    return undefined
  }
  findings.problems.push({
    input: 'registry-password',
    cause: `\`registry-password\` is given without \`registry\`, and the images are in ${hosts.join(' and ')}.`,
    remedy: 'Name its registry with `registry`, or give one login per registry with `registry-auth`.',
  })
  return undefined
}

const namesImage = ({ image, images, tags, outputs, service }: Inputs): boolean =>
  /=.*\//.test(service) || image !== '' || images !== '' || /[\w-]\/\w/.test(tags) || /\bname=/.test(outputs)

/**
 * Reports whether the password can only be for the forge: it has the prefix of a GitHub token, is the run's own token,
 * or comes without a user name.
 */
const isForgeToken = (inputs: Inputs): boolean =>
  inputs['registry-username'] === '' ||
  inputs['registry-password'] === inputs['github-token'] ||
  /^(?:gh[a-z]_|github_pat_)/.test(inputs['registry-password'])

const unnamedRegistry = (host: string) => ({
  input: 'registry-username',
  cause: `\`registry-username\` is given, but nothing says that it is for ${host}: neither \`registry\` nor \`image\`.`,
  remedy: `Name the registry: \`registry: docker.io\`, the default of docker/login-action, or \`registry: ${host}\`.`,
})

const ecrLogin = (registry: string) => ({
  input: 'registry-username',
  cause: `${registry} belongs to Amazon ECR, whose password has to be fetched first.`,
  remedy: ecrRemedy,
})

function missingPassword(context: Context, findings: Findings): [] {
  const cause = '`registry-password` is empty: is the secret set?'
  if (trustOf(context) === 'own') {
    findings.problems.push({
      input: 'registry-password',
      cause,
      remedy: 'Set the secret, or remove `registry-username` if no login is needed.',
    })
  } else findings.warnings.push(`${cause} Slipway does not log in: forks and Dependabot get no secrets.`)
  return []
}

const noUsername = (registry: string) => ({
  input: 'registry-username',
  cause: `\`registry-username\` is empty, and ${registry} needs one.`,
  remedy: 'Set it to the name of the user or of the access token.',
})

/** Parses `registry-auth`: a YAML list of logins, with the keys of docker/login-action. */
async function readRegistryAuth(text: string, context: Context, findings: Findings): Promise<Login[]> {
  if (text === '') return []
  const { load, FAILSAFE_SCHEMA } = await import('js-yaml')
  let entries: unknown
  try {
    // FAILSAFE_SCHEMA keeps every value as text, so that the password `0012` does not become 10.
    entries = load(text, { schema: FAILSAFE_SCHEMA })
  } catch {
    // The parser's message is dropped, because it quotes the text, which holds passwords.
  }
  if (Array.isArray(entries))
    return entries.flatMap((entry, index) => readLogin(entry, index + 1, context, findings))
  findings.problems.push({
    input: 'registry-auth',
    cause: '`registry-auth` is not a YAML list of logins.',
    remedy:
      'Begin each login with `- registry: ghcr.io`, and give it a `username` and a `password`. Put a JSON key of several lines on one line, in single quotes.',
  })
  return []
}

function readLogin(entry: unknown, position: number, context: Context, findings: Findings): Login[] {
  const text = (key: string) => textOf(at(entry, key))
  const registry = registryHost(text('registry') || dockerHub)
  const missing = ['username', 'password'].filter(key => text(key) === '')
  const problem = missing.length > 0 && incomplete(position, registry, missing)
  if (problem && trustOf(context) !== 'own') return skip(problem.cause, findings)
  const markedEcr = /^(?:true|yes)$/i.test(text('ecr')) && text('username') !== 'AWS'
  if (markedEcr || needsEcrLogin(registry, text('username'))) return reject(ecrEntry(position), findings)
  if (problem) return reject(problem, findings)
  // A YAML block ends with a newline, which `docker login` removes too.
  const password = text('password').replace(/\r?\n$/, '')
  return [{ registry, username: text('username'), password }]
}

/** Returns a value as text. YAML parses an unquoted JSON key as a mapping, which is turned back into JSON. */
const textOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '')

/** Skips a login with a warning: an untrusted run (fork, Dependabot) gets empty secrets, which must not fail it. */
function skip(cause: string, findings: Findings): [] {
  findings.warnings.push(`${cause} Slipway skips it: forks and Dependabot get no secrets.`)
  return []
}

function reject(problem: { cause: string; remedy: string }, findings: Findings): [] {
  findings.problems.push({ input: 'registry-auth', ...problem })
  return []
}

const incomplete = (position: number, registry: string, missing: readonly string[]) => ({
  cause: `Login ${position} of \`registry-auth\`, for ${registry}, has no ${missing.join(' and no ')}.`,
  remedy: 'Set the secret. A secret of an environment needs `environment:` in the job; forks get no secrets.',
})

const ecrEntry = (position: number) => ({
  cause: `Login ${position} of \`registry-auth\` is for Amazon ECR, whose password has to be fetched first.`,
  remedy: ecrRemedy,
})

/** Keeps one login per registry and reports any other, because docker would replace the first login with the second. */
function distinct(logins: readonly Login[], findings: Findings): Login[] {
  const firstOf = new Map(logins.toReversed().map(login => [login.registry, login]))
  for (const login of logins.filter(each => firstOf.get(each.registry) !== each)) {
    findings.problems.push({
      input: 'registry-auth',
      cause: `There are two logins for ${login.registry}.`,
      remedy: 'Keep one of them.',
    })
  }
  return logins.filter(each => firstOf.get(each.registry) === each)
}
