import { dump, load } from 'js-yaml'

/** What of a recipe is its reader's own, and another's where it is rehearsed. */
export interface Surroundings {
  /** `host:port`, in place of the registry that an image is in. */
  readonly registry: string
  /** The same for those of `registry-auth`, by the names that the recipe gives them. */
  readonly registries: Readonly<Record<string, string>>
  /** `owner/name`, in place of an image's name that a recipe gives, or leaves to its default. */
  readonly image: string
  /** In place of any server that a recipe names; the user stays. */
  readonly host: string
  readonly projectDirectory: string
  /** Variables of the steps that are scripts and log in to the registry, besides their own. */
  readonly env: Readonly<Record<string, string>>
  /** Inputs that are replaced by hand. */
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

/** The recipe as a workflow that can be run: `uses: ./`, and its surroundings in place of its reader's. */
export function rewrite(text: string, surroundings: Surroundings): string {
  const workflow = load(text) as Workflow
  for (const job of Object.values(workflow.jobs)) {
    if (job.steps !== undefined) job.steps = steps(job.steps, surroundings)
    // The registry's login comes along to the workflow that is called.
    else job.secrets = { ...job.secrets, REGISTRY_PASSWORD: password }
  }
  const called = workflow.on.workflow_call
  if (called !== undefined) called.secrets = { ...called.secrets, REGISTRY_PASSWORD: { required: true } }
  return dump(workflow, { lineWidth: -1 })
}

const password = '${{ secrets.REGISTRY_PASSWORD }}'
const username = '${{ vars.REGISTRY_USERNAME }}'

/** The action is in the repository here, and so has to be checked out. */
function steps(given: readonly Step[], surroundings: Surroundings): Step[] {
  const checkout = given.some(({ uses }) => uses?.startsWith('actions/checkout@'))
  const own = given
    .filter(isHere)
    .map(step =>
      /^[\w-]+\/slipway@/.test(step.uses ?? '')
        ? { ...step, uses: './', with: inputs(step.with ?? {}, surroundings) }
        : logsIn(step)
          ? { ...step, env: scriptEnv(step.env ?? {}, surroundings) }
          : step,
    )
  return checkout ? own : [{ uses: 'actions/checkout@v7' }, ...own]
}

/** Whether a step is a script that logs in to the registry by itself, with the job's own token. */
const logsIn = ({ run, env = {} }: Step): boolean =>
  run !== undefined && Object.values(env).includes('${{ github.token }}')

/** The registry here knows neither the run's actor nor its token. */
const scriptEnv = (
  given: Readonly<Record<string, string>>,
  { env }: Surroundings,
): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      value.replace('${{ github.token }}', password).replace('${{ github.actor }}', username),
    ]),
  ),
  ...env,
})

/** There is no tailnet here: the server is reached without it. */
const isHere = ({ uses }: Step): boolean => uses?.startsWith('tailscale/') !== true

function inputs(given: Readonly<Record<string, string>>, surroundings: Surroundings): Record<string, string> {
  const { registries, projectDirectory } = surroundings
  const login = {
    'registry-username': username,
    'registry-password': password,
  }
  const deploy = {
    'ssh-host': hostIn(given['ssh-host'] ?? '', surroundings),
    'project-directory': projectDirectory,
    // It is not the window that is rehearsed.
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
    ...imagesOf(given, surroundings),
    ...('ssh-host' in given ? deploy : {}),
    ...surroundings.with,
  }
}

/** A step whose services name their images has none of its own. */
function imagesOf(
  { image = '', service = '' }: Readonly<Record<string, string>>,
  surroundings: Surroundings,
): Record<string, string> {
  if (!service.includes('=')) return { image: imageOf(image, surroundings) }
  return { service: service.replaceAll(/=[^/\s]+\//g, `=${surroundings.registry}/`) }
}

/** What an expression gives is given by its rehearsal. */
const hostIn = (text: string, { host }: Surroundings): string =>
  text.includes('${{') ? text : `${text.split('@')[0]}@${host}`

/** A name that an expression is a part of stays, in another registry; one that is an expression may be empty. */
function imageOf(text: string, { registry, image }: Surroundings): string {
  const whole = /^\$\{\{ (.*) \}\}$/.exec(text)?.[1]
  if (whole !== undefined) return `\${{ ${whole} || '${registry}/${image}' }}`
  return `${registry}/${text.includes('${{') ? text.replace(/^[^/$]*\//, '') : image}`
}
