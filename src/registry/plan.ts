import type { Context } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import { trustOf } from '../github/trust.ts'
import type { ImagePlan } from '../image/plan.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { readAuthentications } from './authentications.ts'
import { ecrRemedy, isOwnRegistry, needsEcrLogin, registryHost } from './hosts.ts'

/** Which registries are logged in to, and for how long. */
export interface RegistryPlan {
  readonly logins: readonly Login[]
  /** `job`: later steps use the logins too, until `post:`. */
  readonly lasts: 'step' | 'job'
}

export interface Login {
  /** `docker.io`, `ghcr.io`, `localhost:5000` */
  readonly registry: string
  readonly username: string
  readonly password: string
}

/**
 * Reads the registry inputs. A password goes to the registry that it is given
 * for, and the run's own token to the forge's own registry alone.
 */
export async function planRegistry(
  inputs: Inputs,
  context: Context,
  { images }: Pick<ImagePlan, 'images'>,
  findings: Findings,
): Promise<RegistryPlan> {
  const hosts = [...new Set(images.map(({ reference }) => registryHost(reference.registry)))]
  const given = [
    ...planCredentials(inputs, context, hosts, findings),
    ...(await readAuthentications(inputs['registry-auth'], context, findings)),
  ]
  const own = hosts
    .filter(host => isOwnRegistry(host, context) && !given.some(login => login.registry === host))
    .filter(() => inputs['github-token'] !== '')
    .map(registry => ({ registry, username: context.actor, password: inputs['github-token'] }))
  return { logins: distinct([...given, ...own], findings), lasts: planLasts(inputs, findings) }
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

const namesImage = ({ image, images, tags, outputs }: Inputs): boolean =>
  image !== '' || images !== '' || /[\w-]\/\w/.test(tags) || /\bname=/.test(outputs)

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
  const cause = '`registry-password` is empty: is the secret set, and does this environment get it?'
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
