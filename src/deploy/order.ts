import { shownUrl } from '../check/plan.ts'
import type { ExactImage } from '../image/reference.ts'
import type { PayloadOrder } from '../payload/order.ts'
import { configKey } from '../registry/hosts.ts'
import type { ServerCredential, ServerCredentials } from '../registry/server-login.ts'
import type { ServiceFacts, TargetFacts } from '../target/compose-host/facts.ts'
import { isV1 } from '../target/compose-host/tools.ts'
import type { DeployPlan } from '../target/plan.ts'
import type { DeployedService } from '../target/service.ts'
import { steadyFor } from '../target/swarm-plan.ts'
import { literal, planOf, renderPlan, undoOf } from './steps.ts'

/** What the transaction has to do. */
export interface Order {
  readonly plan: Pick<
    DeployPlan,
    | 'waitTimeout'
    | 'stability'
    | 'rollback'
    | 'rollbackTo'
    | 'lockTimeout'
    | 'keepReleases'
    | 'drain'
    | 'withdraw'
    | 'proxyReload'
  >
  readonly facts: Pick<TargetFacts, 'tools' | 'project' | 'services' | 'whole' | 'strategies' | 'swarm'>
  /** One entry for each deployed service, in the order of the plan. */
  readonly services: readonly ServiceOrder[]
  /** Variables to set in the project's `.env`. */
  readonly envSet: Readonly<Record<string, string>>
  /** Credentials for the pulls. If there are none, the server uses its own logins. */
  readonly credentials: ServerCredentials
  readonly run: RunOfOrder
  /** Files, settings and commands that travel with the image. */
  readonly payload?: PayloadOrder
}

interface ServiceOrder {
  readonly name: string
  /** The image that the compose file declares, once `envSet` is written. */
  readonly reference: string
  /** Undefined if the history of the server decides (`rollbackTo`). */
  readonly image: ExactImage | undefined
}

/** The workflow run behind the deploy: for the history, and for the message to other runs that wait for the lock. */
interface RunOfOrder {
  readonly url: string
  readonly actor: string
  readonly commit: string
  readonly workflow: string
  readonly ref: string
  readonly number: number
  /** Tags without their repositories. */
  readonly tags: readonly string[]
}

/** Returns the ID of a run, which names its directory on the server. */
export const orderId = (now: number, random: string): string => `${now.toString(36)}-${random}`

/**
 * Renders an order for the agent's stdin. It has three parts, separated by empty lines: the settings, which the agent
 * saves for a later run that may have to settle this one; the program; and the credentials as a docker client
 * configuration. The last line is `end`.
 */
export const orderText = (order: Order): string =>
  [settingsOf(order), programOf(order), `${credentialLine(order.credentials)}\nend\n`].join('\n\n')

/** Renders an order that only settles the run with the ID `deadRun`, and reports how that run ended. */
export const settleText = (order: Order, deadRun: string): string => settleTextOf(settingsOf(order), deadRun)

/** Does the same from the settings that the dead run saved on the server. */
export const settleTextOf = (settings: string, deadRun: string): string =>
  [settings.trimEnd(), `settle_only ${literal(deadRun)}`, '\nend\n'].join('\n\n')

/** Renders the settings: variables of the agent, without secrets and without commands or values of the user. */
function settingsOf(order: Order): string {
  const { plan, facts, services, envSet, run, payload } = order
  const { tools, project } = facts
  const [, major = '2', minor = '0'] = /^v?(\d{1,4})\.(\d{1,4})/.exec(tools.composeVersion) ?? []
  const needs = payload?.needs
  const others = facts.whole?.others ?? []
  const orphans = facts.whole?.removeOrphans === true ? facts.whole.orphans : []
  const declared = [...facts.services, ...others, ...(needs?.dependencies ?? [])]
  return assignments({
    directory: project.directory,
    base: project.base === project.directory ? '' : project.base,
    project: nameField(project.name),
    ...(facts.swarm?.stack === undefined
      ? {}
      : { stack: nameField(facts.swarm.stack), prefix: `${facts.swarm.stack}_` }),
    docker_words: tools.docker,
    compose_words: tools.compose,
    compose_major: major,
    compose_minor: minor,
    compose_files: project.files,
    read_files: project.composeFiles,
    // Files in the directory that the compose files refer to (`include`, `extends`, `env_file`).
    part_files: project.partFiles,
    compose_env_files: project.envFiles,
    env_file: project.envFile ?? (Object.keys(envSet).length > 0 ? `${project.directory}/.env` : ''),
    settings_file: payload?.plan.envFile ?? '.env',
    files_delete: String(payload?.plan.filesDelete ?? false),
    services: [
      ...services.map(service => serviceFields(service, facts.services)),
      ...others.map(service => otherFields(service, facts)),
      ...orphans.map(name => `${nameField(name)} - - 0 orphan 10`),
    ],
    platforms: declared.flatMap(({ name, platform }) =>
      platform === undefined ? [] : [[name, platform].map(field).join(' ')],
    ),
    dependencies: (needs?.dependencies ?? []).map(({ name }) => nameField(name)).join(' '),
    waves: (needs?.waves.length ?? 0) < 2 ? '' : 'yes',
    relay_ports: relayLines(facts.strategies),
    drain: count(plan.drain),
    rollback: String(plan.rollback),
    rollback_to: plan.rollbackTo ?? '',
    wait_timeout: count(plan.waitTimeout),
    stability: count(steadyFor(plan.stability, facts.swarm)),
    lock_timeout: count(plan.lockTimeout),
    keep_releases: count(plan.keepReleases),
    hook_timeout: count(payload?.plan.hooks.timeout ?? 600),
    url: run.url,
    by: run.actor,
    commit: run.commit,
    workflow: run.workflow,
    ref: run.ref,
    number: count(run.number),
    tags: run.tags.join(' '),
    undo: undoOf(planOf(order)).join(' '),
  })
}

/** Renders the program: the variables that only this run needs, and its steps. */
function programOf(order: Order): string {
  const { envSet, payload } = order
  const check = payload?.check
  const own = assignments({
    ...startFirst(order),
    env_set: Object.entries(envSet).map(([key, value]) => `${key}=${value}`),
    ...(check === undefined
      ? {}
      : {
          check_url: shownUrl(check),
          check_limit: count(check.timeout + reconnectMargin),
          on_lost: check.onLost,
        }),
  })
  return `${own}\n${renderPlan(planOf(order))}`
}

/** Returns the variables for deploy/agent/start-first.sh. */
function startFirst({ plan: { withdraw, proxyReload }, facts: { strategies = [] } }: Order) {
  const names = strategies
    .filter(({ strategy }) => strategy === 'start-first')
    .map(({ name }) => nameField(name))
  if (names.length === 0) return {}
  const command =
    typeof withdraw === 'string'
      ? { withdraw }
      : { withdraw: 'command', withdraw_words: withdraw.join(wordSeparator) }
  return { start_first: names, ...command, proxy_reload: proxyReload }
}

/** Separates the words of a command (the unit separator of ASCII). */
const wordSeparator = '\x1f'

/** Seconds after `check-timeout` that the server still waits for the runner, which may have to reconnect first. */
const reconnectMargin = 60

/** Renders shell assignments, one a line. The value of a list is its items, each followed by a newline. */
export const assignments = (values: Readonly<Record<string, string | readonly string[]>>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? literal(value) : lines(value)}`)
    .join('\n')

const lines = (values: readonly string[]): string =>
  values.length === 0 ? "''" : `${values.map(literal).join('"$newline"')}"$newline"`

/** Returns the lines for deploy/agent/rehearse.sh, one for each published port of a relayed service. */
const relayLines = (strategies: Order['facts']['strategies'] = []): string[] =>
  strategies.flatMap(({ name, ports }) =>
    ports.map(({ index, address, published, target }) =>
      [nameField(name), count(index), addressField(address), count(published), count(target)].join(' '),
    ),
  )

/** Returns the line of a service. Blanks separate its fields, so a blank inside a field would forge the next one. */
function serviceFields({ name, reference, image }: ServiceOrder, facts: readonly DeployedService[]): string {
  const found = facts.find(service => service.name === name)
  const kind = found?.oneShot === true ? 'one-shot' : '-'
  const grace = Math.ceil(found?.stopGracePeriod ?? 10)
  const digest = image === undefined ? '-' : checked(image, /^[!-~]+@sha256:[0-9a-f]{64}$/)
  return [nameField(name), field(reference), digest, count(found?.replicas ?? 1), kind, count(grace)].join(
    ' ',
  )
}

/**
 * Returns the line of a service that does not run the release. It has no digest, because Compose starts the image that
 * is declared. A service that need not stay up counts as one-shot: it succeeds if it exits with code 0.
 */
function otherFields(
  service: ServiceFacts,
  { project, tools }: Pick<TargetFacts, 'project' | 'tools'>,
): string {
  const { containers, restart = 'no' } = service
  const stays = restart !== 'no' || service.hasHealthcheck || service.ports.length > 0
  const oneShot = service.oneShot || (!stays && containers.every(({ state }) => state !== 'running'))
  const built = [project.name, service.name].join(isV1(tools) ? '_' : '-')
  const order = { name: service.name, reference: service.reference || built, image: undefined }
  return serviceFields(order, [{ ...service, oneShot }])
}

/**
 * Renders a whole number for shell arithmetic, which would evaluate any other text. Every shell can compute with nine
 * digits.
 */
const count = (value: number): string => checked(String(value), /^(?:0|[1-9]\d{0,8})$/)

const nameField = (text: string): string => checked(text, /^[A-Za-z0-9._-]+$/)

/** Checks an address strictly, because it becomes part of a shell script. */
const addressField = (text: string): string => checked(text, /^[0-9A-Fa-f.:*]+$/)

const field = (text: string): string => checked(text, /^[!-~]+$/)

function checked(text: string, shape: RegExp): string {
  if (shape.test(text)) return text
  throw new Error(`Not one field of an order: ${JSON.stringify(text)}`)
}

/** Renders the credentials as JSON on one line. docker reads it from the same pipe; it is never written to a file. */
function credentialLine(credentials: ServerCredentials): string {
  if (credentials.length === 0) return ''
  const auths = credentials.map(each => [configKey(each.registry), authEntry(each)] as const)
  return JSON.stringify({ auths: Object.fromEntries(auths) })
}

const authEntry = (credential: ServerCredential) =>
  'token' in credential
    ? { registrytoken: credential.token }
    : { auth: Buffer.from(`${credential.username}:${credential.password}`).toString('base64') }
