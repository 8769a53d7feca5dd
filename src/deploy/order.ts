import type { ExactImage } from '../image/reference.ts'
import { type BringOrder, bringLines } from '../payload/order.ts'
import { configKey } from '../registry/hosts.ts'
import type { ServerCredential, ServerCredentials } from '../registry/server-login.ts'
import type { ServerFacts, ServiceFacts } from '../target/compose-host/facts.ts'
import { isV1 } from '../target/compose-host/tools.ts'
import type { DeployPlan } from '../target/plan.ts'

/** What the transaction is to do. */
export interface Order {
  readonly plan: Pick<
    DeployPlan,
    'waitTimeout' | 'stability' | 'rollback' | 'rollbackTo' | 'lockTimeout' | 'keepReleases' | 'drain'
  >
  readonly facts: Pick<ServerFacts, 'tools' | 'project' | 'services' | 'whole' | 'strategies' | 'swarm'>
  /** One for each service that is deployed, in the order of the plan. */
  readonly services: readonly ServiceOrder[]
  /** Lines for the project's `.env`. */
  readonly envSet: Readonly<Record<string, string>>
  /** For the pulls; none: the server's own logins have to do. */
  readonly credentials: ServerCredentials
  readonly run: RunOfOrder
  /** What travels with the image. */
  readonly bring?: BringOrder
}

export interface ServiceOrder {
  readonly name: string
  /** As the compose file declares it, once `envSet` is written. */
  readonly reference: string
  /** Undefined when the server's history decides (`rollbackTo`). */
  readonly image: ExactImage | undefined
}

/** Whose doing it is: for the history, and for those who wait for the lock. */
export interface RunOfOrder {
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
 * What is written to the transaction's stdin: lines of `name value`, an empty one, the credential as docker's client
 * configuration, and `end`. See deploy/agent/parameters.sh.
 */
export function orderText(order: Order): string {
  return [...deployLines(order), '', credentialLine(order.credentials), 'end', ''].join('\n')
}

/** For a run that only settles what the run of that ID left, and tells what became of it. */
export const settleText = (order: Order, after: string): string =>
  settleTextOf(deployLines(order).join('\n'), after)

/** The same, from the order that the run itself has left on the server. */
export const settleTextOf = (lines: string, after: string): string =>
  ['mode settle', `after ${after}`, lines.trimEnd(), '', '', 'end', ''].join('\n')

function deployLines({ plan, facts, services, envSet, run, bring }: Order): string[] {
  const { tools, project, whole } = facts
  const others = whole?.others ?? []
  return [
    ['directory', project.directory] as const,
    ['base', project.base === project.directory ? '' : project.base] as const,
    ['project', project.name] as const,
    ['stack', facts.swarm?.stack ?? ''] as const,
    ...tools.docker.map(word => ['docker', word] as const),
    ...tools.compose.map(word => ['compose', word] as const),
    ['compose-version', tools.composeVersion] as const,
    ...project.files.map(file => ['compose-file', file] as const),
    ...project.composeFiles.map(file => ['read-file', file] as const),
    ...project.partFiles.map(file => ['part-file', file] as const),
    ...project.envFiles.map(file => ['compose-env-file', file] as const),
    [
      'env-file',
      project.envFile ?? (Object.keys(envSet).length > 0 ? `${project.directory}/.env` : ''),
    ] as const,
    ...Object.entries(envSet).map(([name, value]) => ['env-set', `${name}=${value}`] as const),
    ...services.map(service => ['service', serviceFields(service, facts.services)] as const),
    ...others.map(service => ['service', otherFields(service, facts)] as const),
    ...(whole?.removeOrphans === true ? whole.orphans : []).map(
      name => ['service', `${oneField(name)} - - 0 orphan 10`] as const,
    ),
    ...[...facts.services, ...others, ...(bring?.needs?.dependencies ?? [])].flatMap(({ name, platform }) =>
      platform === undefined ? [] : [['platform', `${name} ${platform}`] as const],
    ),
    ...(bring === undefined ? [] : bringLines(bring, new Set(others.map(({ name }) => name)))),
    ...relayLines(facts.strategies),
    ['drain', String(plan.drain)] as const,
    ['rollback', String(plan.rollback)] as const,
    ['rollback-to', plan.rollbackTo ?? ''] as const,
    ['wait-timeout', String(plan.waitTimeout)] as const,
    ['stability', String(plan.stability)] as const,
    ['lock-timeout', String(plan.lockTimeout)] as const,
    ['keep-releases', String(plan.keepReleases)] as const,
    ['url', run.url] as const,
    ['by', run.actor] as const,
    ['commit', run.commit] as const,
    ['workflow', run.workflow] as const,
    ['ref', run.ref] as const,
    ['number', String(run.number)] as const,
    ['tags', run.tags.join(' ')] as const,
  ]
    .filter(([, value]) => value !== '')
    .map(parameter)
}

/** See deploy/agent/rehearse.sh. */
const relayLines = (strategies: Order['facts']['strategies'] = []) =>
  strategies.flatMap(({ name, ports }) =>
    ports.map(
      ({ index, address, published, target }) =>
        ['relay', [name, index, address, published, target].map(oneField).join(' ')] as const,
    ),
  )

/** A line each: what cannot be on one is not a name of anything there. */
function parameter([name, value]: readonly [string, string]): string {
  return `${name} ${value.replaceAll(/[\0\r\n\t]/g, ' ')}`
}

/** The server counts on the fields: a blank in one would forge the next, and its shell would evaluate a number. */
function serviceFields({ name, reference, image }: ServiceOrder, facts: readonly ServiceFacts[]): string {
  const found = facts.find(service => service.name === name)
  const kind = found?.oneShot === true ? 'one-shot' : '-'
  const grace = Math.ceil(found?.stopGracePeriod ?? 10)
  return [name, reference, image ?? '-', found?.replicas ?? 1, kind, grace].map(oneField).join(' ')
}

/** No digest: Compose makes it as it is declared. What may end ends well with exit code 0, whoever waits for it. */
function otherFields(
  service: ServiceFacts,
  { project, tools }: Pick<ServerFacts, 'project' | 'tools'>,
): string {
  const { name, containers, restart = 'no' } = service
  const stays = restart !== 'no' || service.hasHealthcheck || service.ports.length > 0
  const oneShot = service.oneShot || (!stays && containers.every(({ state }) => state !== 'running'))
  const built = [project.name, name].join(isV1(tools) ? '_' : '-')
  const order = { name, reference: service.reference || built, image: undefined }
  return serviceFields(order, [{ ...service, oneShot }])
}

function oneField(field: string | number): string {
  if (/^[!-~]+$/.test(String(field))) return String(field)
  throw new Error(`Not one field of an order: ${JSON.stringify(field)}`)
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
