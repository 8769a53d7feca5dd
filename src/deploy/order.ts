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

/** What the transaction is to do. */
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
  /** One for each service that is deployed, in the order of the plan. */
  readonly services: readonly ServiceOrder[]
  /** Lines for the project's `.env`. */
  readonly envSet: Readonly<Record<string, string>>
  /** For the pulls; none: the server's own logins have to do. */
  readonly credentials: ServerCredentials
  readonly run: RunOfOrder
  /** What travels with the image. */
  readonly payload?: PayloadOrder
}

interface ServiceOrder {
  readonly name: string
  /** As the compose file declares it, once `envSet` is written. */
  readonly reference: string
  /** Undefined when the server's history decides (`rollbackTo`). */
  readonly image: ExactImage | undefined
}

/** Whose doing it is: for the history, and for those who wait for the lock. */
interface RunOfOrder {
  readonly url: string
  readonly actor: string
  readonly commit: string
  readonly workflow: string
  readonly ref: string
  readonly number: number
  /** Without their repositories. */
  readonly tags: readonly string[]
}

/** A run of the transaction has a directory of its own name on the server. */
export const orderId = (now: number, random: string): string => `${now.toString(36)}-${random}`

/**
 * What is written to the agent's stdin, in three parts with an empty line between: the settings, which the agent keeps
 * for whoever has to settle this run, the program, and the credential as docker's client configuration; then `end`.
 */
export const orderText = (order: Order): string =>
  [settingsOf(order), programOf(order), `${credentialLine(order.credentials)}\nend\n`].join('\n\n')

/** For a run that only settles what the run of that ID left, and tells what became of it. */
export const settleText = (order: Order, after: string): string => settleTextOf(settingsOf(order), after)

/** The same, from the settings that the run itself has left on the server. */
export const settleTextOf = (settings: string, after: string): string =>
  [settings.trimEnd(), `settle_only ${literal(after)}`, '\nend\n'].join('\n\n')

/** Variables of the agent, each with what it is: no secret, and no command or value of the user's. */
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
    project: name(project.name),
    ...(facts.swarm?.stack === undefined
      ? {}
      : { stack: name(facts.swarm.stack), prefix: `${facts.swarm.stack}_` }),
    docker_words: tools.docker,
    compose_words: tools.compose,
    compose_major: major,
    compose_minor: minor,
    compose_files: project.files,
    read_files: project.composeFiles,
    // What is behind the compose files in the directory.
    part_files: project.partFiles,
    compose_env_files: project.envFiles,
    env_file: project.envFile ?? (Object.keys(envSet).length > 0 ? `${project.directory}/.env` : ''),
    settings_file: payload?.plan.envFile ?? '.env',
    files_delete: String(payload?.plan.filesDelete ?? false),
    services: [
      ...services.map(service => serviceFields(service, facts.services)),
      ...others.map(service => otherFields(service, facts)),
      ...orphans.map(of => `${name(of)} - - 0 orphan 10`),
    ],
    platforms: declared.flatMap(({ name: of, platform }) =>
      platform === undefined ? [] : [[of, platform].map(oneField).join(' ')],
    ),
    dependencies: (needs?.dependencies ?? []).map(({ name: of }) => name(of)).join(' '),
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

/** What only the run itself knows, and its steps. */
function programOf(order: Order): string {
  const { envSet, payload } = order
  const check = payload?.check
  const own = assignments({
    ...startFirst(order),
    env_set: Object.entries(envSet).map(([key, value]) => `${key}=${value}`),
    ...(check === undefined
      ? {}
      : { check_url: check.url.href, check_limit: count(check.timeout + margin), on_lost: check.onLost }),
  })
  return `${own}\n${renderPlan(planOf(order))}`
}

/** See deploy/agent/start-first.sh. */
function startFirst({ plan: { withdraw, proxyReload }, facts: { strategies = [] } }: Order) {
  const names = strategies
    .filter(({ strategy }) => strategy === 'start-first')
    .map(({ name: of }) => name(of))
  if (names.length === 0) return {}
  const command =
    typeof withdraw === 'string' ? { withdraw } : { withdraw: 'command', withdraw_words: withdraw.join(unit) }
  return { start_first: names, ...command, proxy_reload: proxyReload }
}

/** Between the words of a command. */
const unit = '\x1f'

/** Seconds beside `check-timeout` until the server decides without the runner: to come back after a drop. */
const margin = 60

/** A list is lines, each with its end. */
export const assignments = (values: Readonly<Record<string, string | readonly string[]>>): string =>
  Object.entries(values)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? literal(value) : lines(value)}`)
    .join('\n')

const lines = (values: readonly string[]): string =>
  values.length === 0 ? "''" : `${values.map(literal).join('"$newline"')}"$newline"`

/** See deploy/agent/rehearse.sh. */
const relayLines = (strategies: Order['facts']['strategies'] = []): string[] =>
  strategies.flatMap(({ name: of, ports }) =>
    ports.map(({ index, address, published, target }) =>
      [name(of), count(index), addressOf(address), count(published), count(target)].join(' '),
    ),
  )

/** The server counts on the fields: a blank in one would forge the next. */
function serviceFields(
  { name: of, reference, image }: ServiceOrder,
  facts: readonly DeployedService[],
): string {
  const found = facts.find(service => service.name === of)
  const kind = found?.oneShot === true ? 'one-shot' : '-'
  const grace = Math.ceil(found?.stopGracePeriod ?? 10)
  const digest = image === undefined ? '-' : checked(image, /^[!-~]+@sha256:[0-9a-f]{64}$/)
  return [name(of), oneField(reference), digest, count(found?.replicas ?? 1), kind, count(grace)].join(' ')
}

/** No digest: Compose makes it as it is declared. What may end ends well with exit code 0, whoever waits for it. */
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

/** Goes into shell arithmetic, which evaluates what is no number; nine digits are what every shell can count. */
const count = (value: number): string => checked(String(value), /^(?:0|[1-9]\d{0,8})$/)

const name = (text: string): string => checked(text, /^[A-Za-z0-9._-]+$/)

/** Becomes part of a script. */
const addressOf = (text: string): string => checked(text, /^[0-9A-Fa-f.:*]+$/)

const oneField = (text: string): string => checked(text, /^[!-~]+$/)

function checked(text: string, shape: RegExp): string {
  if (shape.test(text)) return text
  throw new Error(`Not one field of an order: ${JSON.stringify(text)}`)
}

/** JSON on one line: docker reads it from the same pipe, and it is no file at any time. */
function credentialLine(credentials: ServerCredentials): string {
  if (credentials.length === 0) return ''
  const auths = credentials.map(each => [configKey(each.registry), authEntry(each)] as const)
  return JSON.stringify({ auths: Object.fromEntries(auths) })
}

const authEntry = (credential: ServerCredential) =>
  'token' in credential
    ? { registrytoken: credential.token }
    : { auth: Buffer.from(`${credential.username}:${credential.password}`).toString('base64') }
