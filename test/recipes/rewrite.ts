import { dump, load } from 'js-yaml'

/** The values with which the test replaces a recipe's values, as a reader replaces them with their own. */
export interface Replacements {
  /** The registry of images, as `host:port`. */
  readonly registry: string
  /** The registries in `registry-auth`, by their names in the recipe. */
  readonly registries: Readonly<Record<string, string>>
  /** The image's name, as `owner/name`. Also used if the recipe sets none. */
  readonly image: string
  /** The server. The user of `ssh-host` is kept. */
  readonly host: string
  readonly projectDirectory: string
  /** Additional variables for script steps that log in to the registry. */
  readonly env: Readonly<Record<string, string>>
  /** Additional inputs, which override all others. */
  readonly with: Readonly<Record<string, string>>
}

interface Step {
  uses?: string
  run?: string
  env?: Readonly<Record<string, string>>
  with?: Readonly<Record<string, string>>
}

interface Workflow {
  on: { workflow_call?: { secrets?: Record<string, unknown> } }
  jobs: Record<string, { steps?: Step[]; secrets?: Record<string, string> }>
}

/** Returns the recipe as a workflow that can be run, with `uses: ./` and the replacements. */
export function rewrite(text: string, replacements: Replacements): string {
  const workflow = load(text) as Workflow
  for (const job of Object.values(workflow.jobs)) {
    if (job.steps !== undefined) job.steps = steps(job.steps, replacements)
    // Passes the registry's password on to a reusable workflow.
    else job.secrets = { ...job.secrets, REGISTRY_PASSWORD: password }
  }
  const called = workflow.on.workflow_call
  if (called !== undefined) called.secrets = { ...called.secrets, REGISTRY_PASSWORD: { required: true } }
  return dump(workflow, { lineWidth: -1 })
}

const password = '${{ secrets.REGISTRY_PASSWORD }}'
const username = '${{ vars.REGISTRY_USERNAME }}'

/** Rewrites the steps. Adds a checkout if there is none, because the action is in the repository here. */
function steps(given: readonly Step[], replacements: Replacements): Step[] {
  const checkout = given.some(({ uses }) => uses?.startsWith('actions/checkout@'))
  const own = given
    .filter(isSupported)
    .map(step =>
      /^[\w-]+\/slipway@/.test(step.uses ?? '')
        ? { ...step, uses: './', with: inputs(step.with ?? {}, replacements) }
        : logsIn(step)
          ? { ...step, env: scriptEnv(step.env ?? {}, replacements) }
          : step,
    )
  return checkout ? own : [{ uses: 'actions/checkout@v7' }, ...own]
}

/** Reports whether a step is a script that logs in to the registry with the job's token. */
const logsIn = ({ run, env = {} }: Step): boolean =>
  run !== undefined && Object.values(env).includes('${{ github.token }}')

/** Replaces the actor and the job's token, which the rig's registry does not accept, with its own login. */
const scriptEnv = (
  given: Readonly<Record<string, string>>,
  { env }: Replacements,
): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      value.replace('${{ github.token }}', password).replace('${{ github.actor }}', username),
    ]),
  ),
  ...env,
})

/** Reports whether a step can be run. Steps for Tailscale are removed, because the server is reachable without it. */
const isSupported = ({ uses }: Step): boolean => uses?.startsWith('tailscale/') !== true

function inputs(given: Readonly<Record<string, string>>, replacements: Replacements): Record<string, string> {
  const { registries, projectDirectory } = replacements
  const login = {
    'registry-username': username,
    'registry-password': password,
  }
  const deploy = {
    'ssh-host': hostIn(given['ssh-host'] ?? '', replacements),
    'project-directory': projectDirectory,
    // Keeps the test short: the stability window is not tested here.
    stability: '1',
  }
  const logins = Object.entries(registries).reduce(
    (text, [name, host]) => text.replaceAll(name, host),
    given['registry-auth'] ?? '',
  )
  return {
    ...(logins === '' ? login : {}),
    ...given,
    ...(logins === '' ? {} : { 'registry-auth': logins }),
    ...imagesOf(given, replacements),
    ...('ssh-host' in given ? deploy : {}),
    ...replacements.with,
  }
}

/** Returns the input `image`, or `service` if the services name their own images. */
function imagesOf(
  { image = '', service = '' }: Readonly<Record<string, string>>,
  replacements: Replacements,
): Record<string, string> {
  if (!service.includes('=')) return { image: imageOf(image, replacements) }
  return { service: service.replaceAll(/=[^/\s]+\//g, `=${replacements.registry}/`) }
}

/** Replaces the host, unless the value is an expression, which the recipe's case sets. */
const hostIn = (text: string, { host }: Replacements): string =>
  text.includes('${{') ? text : `${text.split('@')[0]}@${host}`

/**
 * Replaces an image's name. If part of it is an expression, only replaces the registry. If all of it is an expression,
 * uses the replacement when the expression is empty.
 */
function imageOf(text: string, { registry, image }: Replacements): string {
  const whole = /^\$\{\{ (.*) \}\}$/.exec(text)?.[1]
  if (whole !== undefined) return `\${{ ${whole} || '${registry}/${image}' }}`
  return `${registry}/${text.includes('${{') ? text.replace(/^[^/$]*\//, '') : image}`
}
