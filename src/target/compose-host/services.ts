import { posix } from 'node:path'
import type { ComposeProject, ComposeService } from '../../compose/config.ts'
import { enabled, type StartOrder } from '../../compose/dependencies.ts'
import type { Problem } from '../../core/errors.ts'
import type { Findings } from '../../core/findings.ts'
import { nearest } from '../../core/nearest.ts'
import type { DeployPlan } from '../plan.ts'
import type { ContainersReading, ProjectContainer, Unsettled } from './containers.ts'
import type { ProjectFiles, ServiceFacts, Sibling } from './facts.ts'
import type { ProjectReading } from './project.ts'

/** The services that are asked for and not declared. */
export function missingServices({ config, project }: ProjectReading, plan: DeployPlan): Problem[] {
  const names = Object.keys(config.services)
  return plan.services.filter(name => !names.includes(name)).map(name => missingService(name, names, project))
}

/** Finds commands of `run-…` and `exec-…` whose service is not declared. */
export const missingHooks = ({ config }: ProjectReading, { payload }: DeployPlan): Problem[] =>
  hooksOf(payload)
    .filter(({ service }) => config.services[service] === undefined)
    .map(({ input, service }) => ({
      input,
      cause: `\`${input}\` names the service \`${service}\`, which the project does not have.`,
      remedy: `Begin the line with one of its services: ${Object.keys(config.services)
        .map(each => `\`${each}\``)
        .join(', ')}.`,
    }))

/** What is pinned is what the services of the deploy run; a command elsewhere runs in something else. */
export function warnOfHooks({ config }: ProjectReading, { payload, services }: DeployPlan): string[] {
  const pinned = services.map(name => config.services[name]?.image)
  return hooksOf(payload).flatMap(({ input, service }) => {
    if (input.startsWith('exec')) return []
    const image = config.services[service]?.image
    return config.services[service] === undefined || pinned.includes(image)
      ? []
      : [
          `\`${input}\` runs in \`${image ?? 'what is built there'}\`, the image of \`${service}\`, which is not what is pushed.`,
        ]
  })
}

const hooksOf = (payload: DeployPlan['payload']) => [
  ...(payload?.hooks.runBefore ?? []).map(({ service }) => ({ input: 'run-before' as const, service })),
  ...(payload?.hooks.runAfter ?? []).map(({ service }) => ({ input: 'run-after' as const, service })),
  ...(payload?.hooks.execBefore ?? []).map(({ service }) => ({ input: 'exec-before' as const, service })),
  ...(payload?.hooks.execAfter ?? []).map(({ service }) => ({ input: 'exec-after' as const, service })),
]

function missingService(name: string, names: readonly string[], { composeFiles }: ProjectFiles): Problem {
  const close = nearest(name, names)
  const files = composeFiles.map(file => `\`${file}\``).join(', ') || 'the compose file on the server'
  const list = names.map(each => `\`${each}\``).join(', ')
  return {
    input: 'service',
    cause: `\`service\` is \`${name}\`, which ${files} does not have.`,
    remedy: `${close === undefined ? '' : `Did you mean \`${close}\`? `}Set \`service\` to one of its services: ${list}.`,
  }
}

/** The services of the plan that are declared, as they are declared and as they run. */
export const servicesOf = (
  reading: ProjectReading,
  { containers, unsettled }: Pick<ContainersReading, 'containers' | 'unsettled'>,
  plan: DeployPlan,
): ServiceFacts[] =>
  plan.services.flatMap(name => {
    const declared = reading.config.services[name]
    if (declared === undefined) return []
    const own = containers.filter(({ service }) => service === name)
    return [serviceOf(name, declared, reading, own, unsettled)]
  })

/** The services that declare an image and are not deployed. */
export function siblingsOf(
  { config, templates, profiles }: ProjectReading,
  { containers }: Pick<ContainersReading, 'containers'>,
  { services: planned }: Pick<DeployPlan, 'services'>,
  { dependencies }: StartOrder,
): Sibling[] {
  const isEnabled = enabled(config, planned, profiles)
  return Object.entries(config.services).flatMap(([name, { image }]) => {
    if (image === undefined || planned.includes(name)) return []
    return [
      {
        name,
        reference: image,
        template: templates[name],
        enabled: isEnabled(name),
        exists: containers.some(({ service }) => service === name),
        waitedFor: dependencies.some(need => need.name === name && need.condition === 'ended'),
      },
    ]
  })
}

function serviceOf(
  name: string,
  declared: ComposeService,
  reading: ProjectReading,
  containers: readonly ProjectContainer[],
  unsettled: Unsettled,
): ServiceFacts {
  return {
    name,
    reference: declared.image ?? '',
    template: reading.templates[name],
    builds: declared.builds,
    pullPolicy: declared.pullPolicy,
    platform: declared.platform ?? reading.defaultPlatform,
    replicas: declared.replicas,
    profiles: declared.profiles,
    containerName: declared.containerName,
    networkMode: declared.networkMode,
    restart: declared.restart,
    stopGracePeriod: declared.stopGracePeriod,
    dependsOn: declared.dependsOn,
    ports: declared.ports,
    configHash: reading.hashes[name],
    oneShot: isOneShot(name, declared, reading.config, containers, unsettled),
    sideCars: sideCarsOf(name, reading.config),
    volumeSharers: volumeSharersOf(name, reading.config),
    copies: declared.copies,
    hasHealthcheck:
      declared.healthcheck === 'declared' ||
      (declared.healthcheck !== 'none' && containers.some(each => each.hasHealthcheck)),
    containers: containers.map(({ service, hasHealthcheck, composeFiles, directory, ...facts }) => facts),
  }
}

/**
 * Made to end: another service waits for that, or it did, and nothing says that it is made to stay. (A server that was
 * stopped by hand may have ended well, too.) What a cut deploy stopped tells nothing: its record says what it was.
 */
function isOneShot(
  name: string,
  { restart = 'no', healthcheck, publishes }: ComposeService,
  { services }: ComposeProject,
  containers: readonly ProjectContainer[],
  unsettled: Unsettled,
): boolean {
  if (Object.values(services).some(({ mustComplete }) => mustComplete.includes(name))) return true
  const stays = restart !== 'no' || healthcheck === 'declared' || publishes
  const recorded = unsettled.get(name)
  if (recorded !== undefined) return !stays && recorded === 'one-shot'
  const ended = containers.every(({ state, exitCode }) => state === 'exited' && exitCode === 0)
  return !stays && containers.length > 0 && ended
}

const volumeSharersOf = (name: string, { services }: ComposeProject): string[] =>
  Object.entries(services).flatMap(([other, { copies }]) =>
    copies.volumesFrom.includes(name) ? [other] : [],
  )

const sideCarsOf = (name: string, { services }: ComposeProject): string[] =>
  Object.entries(services).flatMap(([other, { sharesNamespaceOf }]) =>
    sharesNamespaceOf === name ? [other] : [],
  )

/**
 * Warns of containers that were created from other files or under another project name: this deploy would not replace
 * them.
 */
export function warnOfRunning(
  { project }: ProjectReading,
  { containers, unmanaged, projects }: ContainersReading,
  plan: DeployPlan,
  { warnings }: Findings,
): void {
  for (const { name, service } of unmanaged.filter(each => plan.services.includes(each.service))) {
    warnings.push(
      `\`${name}\` has the labels of \`${service}\`, and Compose has not made it (an image that \`docker commit\` made carries such labels): it does not count as its release. \`docker rm -f ${name}\` on the server removes it.`,
    )
  }
  const own = containers.find(({ service }) => plan.services.includes(service))
  // A rollback that needs the old release's own compose files takes the copies that the transaction has of them.
  const compared = own !== undefined && !own.composeFiles.some(file => file.includes('/.slipway/'))
  if (compared && own.composeFiles.length > 0 && !sameFiles(own, project)) {
    warnings.push(
      `\`${own.name}\` was made from ${list(own.composeFiles)}, and this deploy goes by ${list(project.composeFiles)}: its configuration may change. \`compose-files\` chooses.`,
    )
  }
  const others = projects.filter(name => name !== project.name)
  if (own === undefined && others.length > 0) {
    warnings.push(
      `From \`${project.directory}\` runs the project ${list(others)}, and this deploy makes \`${project.name}\` beside it. \`project-name\` chooses.`,
    )
  }
}

/** v1 notes the paths as they were typed, from wherever that was. */
const sameFiles = ({ composeFiles }: ProjectContainer, project: ProjectFiles): boolean =>
  composeFiles.length === project.composeFiles.length &&
  composeFiles.every((file, index) => `/${project.composeFiles[index]}`.endsWith(`/${posix.normalize(file)}`))

const list = (names: readonly string[]): string => names.map(name => `\`${name}\``).join(', ')
