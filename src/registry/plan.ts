import { at, type Context } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import { trustOf } from '../github/trust.ts'
import { dockerHub, type Reference, registryHost } from '../image/reference.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { ecrRemedy, isOwnRegistry, needsEcrLogin } from './hosts.ts'

/** Which registries are logged in to, and for how long. */
export interface RegistryPlan {
  readonly logins: readonly Login[]
  /** `job`: later steps use the logins too, until `post:`. */
  readonly lasts: 'step' | 'job'
  /** The login that the server pulls with, where it is another one. */
  readonly server?: { readonly username: string; readonly password: string }
}

export interface Login {
  /** `docker.io`, `ghcr.io`, `localhost:5000` */
  readonly registry: string
  readonly username: string
  readonly password: string
  /** The job's token, used by default: a login of an earlier step wins over it. */
  readonly implied?: true
}

/**
 * Reads the registry inputs for the images that this run pushes or deploys. A password goes to the registry that it is given
 * for, and the run's own token to the forge's own registry alone.
 */
export async function planRegistry(
  inputs: Inputs,
  context: Context,
  references: readonly Reference[],
  findings: Findings,
): Promise<RegistryPlan> {
  const hosts = [...new Set(references.map(({ registry }) => registryHost(registry)))]
  const given = [
    ...planCredentials(inputs, context, hosts, findings),
    ...(await readAuthentications(inputs['registry-auth'], context, findings)),
  ]
  const own = hosts
    .filter(host => isOwnRegistry(host, context) && !given.some(login => login.registry === host))
    .filter(() => inputs['github-token'] !== '')
    .map(registry => ({
      registry,
      username: context.actor,
      password: inputs['github-token'],
      implied: true as const,
    }))
  return {
    logins: distinct([...given, ...own], findings),
    lasts: planLasts(inputs, findings),
    ...planServer(inputs, context, findings),
  }
}

/** `server-registry-username` and `server-registry-password`: both, or none. */
function planServer(inputs: Inputs, context: Context, findings: Findings): Pick<RegistryPlan, 'server'> {
  const username = inputs['server-registry-username']
  const password = inputs['server-registry-password']
  if (username !== '' && password !== '' && !/^false$/i.test(inputs['server-login']))
    return { server: { username, password } }
  if (username === '' && password === '') return {}
  const [missing, given] =
    username === ''
      ? (['server-registry-username', 'server-registry-password'] as const)
      : (['server-registry-password', 'server-registry-username'] as const)
  if (username !== '' && password !== '')
    findings.problems.push({
      input: 'server-login',
      cause: '`server-login` is `false`, and `server-registry-username` gives the server a login.',
      remedy: 'Leave out one of them.',
    })
  // Strangers get no secrets, and deploy nothing.
  else if (trustOf(context) === 'own')
    findings.problems.push({
      input: missing,
      cause: `\`${given}\` is given, and \`${missing}\` is empty.`,
      remedy: 'Give both: is the secret set, and does this environment get it?',
    })
  return {}
}

function planLasts(inputs: Inputs, findings: Findings): RegistryPlan['lasts'] {
  if (inputs.login === 'job' || inputs.login === 'step' || inputs.login === '') return inputs.login || 'step'
  findings.problems.push({
    input: 'login',
    cause: `\`login\` is \`${inputs.login}\`, which is neither \`step\` nor \`job\`.`,
    remedy: 'Write `job` to keep the logins for later steps, else leave it out.',
  })
  return 'step'
}

/** `registry`, `registry-username` and `registry-password`. */
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
    findings.problems.push(ecr(registry))
    return []
  }
  const name = username || (isOwnRegistry(registry, context) ? context.actor : '')
  if (name === '') findings.problems.push(noUsername(registry))
  return [{ registry, username: name, password }]
}

/** Never by guess: where nothing names a registry or an image, docker/login-action meant Docker Hub by it. */
function chooseRegistry(inputs: Inputs, hosts: readonly string[], findings: Findings) {
  const [host] = hosts
  if (inputs.registry !== '') return registryHost(inputs.registry)
  if (host === undefined || (hosts.length === 1 && (namesImage(inputs) || isForges(inputs)))) return host
  if (hosts.length === 1) {
    findings.problems.push(unnamed(host))
    return undefined
  }
  findings.problems.push({
    input: 'registry-password',
    cause: `\`registry-password\` is given without \`registry\`, and the images are in ${hosts.join(' and ')}.`,
    remedy: 'Name the registry that it is for by `registry`, or give a login for each by `registry-auth`.',
  })
  return undefined
}

const namesImage = ({ image, images, tags, outputs, service }: Inputs): boolean =>
  /=.*\//.test(service) || image !== '' || images !== '' || /[\w-]\/\w/.test(tags) || /\bname=/.test(outputs)

/** A token of GitHub's own, by its prefix, or the run's; without a user it can be for nothing else. */
const isForges = (inputs: Inputs): boolean =>
  inputs['registry-username'] === '' ||
  inputs['registry-password'] === inputs['github-token'] ||
  /^(?:gh[a-z]_|github_pat_)/.test(inputs['registry-password'])

const unnamed = (host: string) => ({
  input: 'registry-username',
  cause: `\`registry-username\` is given, and nothing says that it is for ${host}: neither \`registry\` nor \`image\`.`,
  remedy: `Name the registry: \`registry: docker.io\`, as docker/login-action has it, or \`registry: ${host}\`.`,
})

const ecr = (registry: string) => ({
  input: 'registry-username',
  cause: `${registry} is of Amazon ECR, whose password has to be fetched first.`,
  remedy: ecrRemedy,
})

function missingPassword(context: Context, findings: Findings): [] {
  const cause = '`registry-password` is empty: is the secret set?'
  if (trustOf(context) === 'own') {
    findings.problems.push({
      input: 'registry-password',
      cause,
      remedy: 'Set the secret, or leave out `registry-username` where no login is needed.',
    })
  } else findings.warnings.push(`${cause} There is no login; forks and Dependabot get no secrets.`)
  return []
}

const noUsername = (registry: string) => ({
  input: 'registry-username',
  cause: `\`registry-username\` is empty, and ${registry} needs one.`,
  remedy: 'Give the name of the user or of the access token.',
})

/** Reads `registry-auth`: a YAML list of logins, with the keys that docker/login-action gives them. */
async function readAuthentications(text: string, context: Context, findings: Findings): Promise<Login[]> {
  if (text === '') return []
  const { load, FAILSAFE_SCHEMA } = await import('js-yaml')
  let entries: unknown
  try {
    // A password is text, whatever it looks like: `0012` is not 10.
    entries = load(text, { schema: FAILSAFE_SCHEMA })
  } catch {
    // The parser's message quotes the text, which holds passwords.
  }
  if (Array.isArray(entries))
    return entries.flatMap((entry, place) => readLogin(entry, place + 1, context, findings))
  findings.problems.push({
    input: 'registry-auth',
    cause: '`registry-auth` is not a YAML list of logins.',
    remedy:
      'Begin each with `- registry: ghcr.io`, and give it a `username` and a `password`. A key of several lines has to be on one line, between single quotes.',
  })
  return []
}

function readLogin(entry: unknown, place: number, context: Context, findings: Findings): Login[] {
  const text = (key: string) => textOf(at(entry, key))
  const registry = registryHost(text('registry') || dockerHub)
  const missing = ['username', 'password'].filter(key => text(key) === '')
  const lacking = missing.length > 0 && incomplete(place, registry, missing)
  if (lacking && trustOf(context) !== 'own') return leaveOut(lacking.cause, findings)
  const asked = /^(?:true|yes)$/i.test(text('ecr')) && text('username') !== 'AWS'
  if (asked || needsEcrLogin(registry, text('username'))) return refuse(ecrEntry(place), findings)
  if (lacking) return refuse(lacking, findings)
  // A block of YAML ends with a newline, which `docker login` takes off too.
  const password = text('password').replace(/\r?\n$/, '')
  return [{ registry, username: text('username'), password }]
}

/** YAML reads a JSON key without quotes around it as a mapping. */
const textOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '')

/** A secret that a stranger's run does not get is empty, and must not make the run red. */
function leaveOut(cause: string, findings: Findings): [] {
  findings.warnings.push(`${cause} It is left out; forks and Dependabot get no secrets.`)
  return []
}

function refuse(problem: { cause: string; remedy: string }, findings: Findings): [] {
  findings.problems.push({ input: 'registry-auth', ...problem })
  return []
}

const incomplete = (place: number, registry: string, missing: readonly string[]) => ({
  cause: `Login ${place} of \`registry-auth\`, for ${registry}, has no ${missing.join(' and no ')}.`,
  remedy: 'Set the secret. A secret of an environment needs `environment:` in the job; forks get no secrets.',
})

const ecrEntry = (place: number) => ({
  cause: `Login ${place} of \`registry-auth\` is for Amazon ECR, whose password has to be fetched first.`,
  remedy: ecrRemedy,
})

/** One login for a registry: a second one would replace the first. */
function distinct(logins: readonly Login[], findings: Findings): Login[] {
  const first = new Map(logins.toReversed().map(login => [login.registry, login]))
  for (const login of logins.filter(each => first.get(each.registry) !== each)) {
    findings.problems.push({
      input: 'registry-auth',
      cause: `There are two logins for ${login.registry}.`,
      remedy: 'Keep one of them.',
    })
  }
  return logins.filter(each => first.get(each.registry) === each)
}
