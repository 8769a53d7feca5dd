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

/** Finds services of the plan that the compose files do not declare. */
export function missingServices({ config, project }: ProjectReading, plan: DeployPlan): Problem[] {
  const names = Object.keys(config.services)
  return plan.services.filter(name => !names.includes(name)).map(name => missingService(name, names, project))
}

/** Finds `run-…` and `exec-…` commands for services that the compose files do not declare. */
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

/** Warns of `run-…` commands that run in another image than the deployed one: only deployed services are pinned. */
export function warnOfHooks({ config }: ProjectReading, { payload, services }: DeployPlan): string[] {
  const pinned = services.map(name => config.services[name]?.image)
  return hooksOf(payload).flatMap(({ input, service }) => {
    if (input.startsWith('exec')) return []
    const image = config.services[service]?.image
    return config.services[service] === undefined || pinned.includes(image)
      ? []
      : [
          `\`${input}\` runs in ${image === undefined ? 'an image that is built on the server' : `\`${image}\``}, the image of \`${service}\`, which this run does not deploy.`,
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

/** Returns the facts of the services of the plan that are declared. */
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

/** Returns the services that declare an image and are not deployed. */
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
 * Reports whether a service is meant to exit: another service waits for that, or its containers exited with 0 and
 * neither a restart policy, a healthcheck nor a published port shows that it is meant to keep running. (A daemon that
 * was stopped by hand may also have exited with 0.) After an interrupted deploy the state of containers means nothing,
 * so its record decides.
 */
function isOneShot(
  name: string,
  { restart = 'no', healthcheck, publishes }: ComposeService,
  { services }: ComposeProject,
  containers: readonly ProjectContainer[],
  unsettled: Unsettled,
): boolean {
  if (Object.values(services).some(({ mustComplete }) => mustComplete.includes(name))) return true
  const isDaemon = restart !== 'no' || healthcheck === 'declared' || publishes
  const recorded = unsettled.get(name)
  if (recorded !== undefined) return !isDaemon && recorded === 'one-shot'
  const succeeded = containers.every(({ state, exitCode }) => state === 'exited' && exitCode === 0)
  return !isDaemon && containers.length > 0 && succeeded
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
      `\`${name}\` has the labels of \`${service}\`, but Compose did not create it (containers of an image made by \`docker commit\` have such labels): Slipway ignores it. \`docker rm -f ${name}\` on the server removes it.`,
    )
  }
  const own = containers.find(({ service }) => plan.services.includes(service))
  // A rollback may have started the containers from the compose files of the old release, which the transaction keeps.
  const compared = own !== undefined && !own.composeFiles.some(file => file.includes('/.slipway/'))
  if (compared && own.composeFiles.length > 0 && !sameFiles(own, project)) {
    warnings.push(
      `\`${own.name}\` was created from ${list(own.composeFiles)}, but this deploy uses ${list(project.composeFiles)}: its configuration may change. Set \`compose-files\` to choose the files.`,
    )
  }
  const others = projects.filter(name => name !== project.name)
  if (own === undefined && others.length > 0) {
    warnings.push(
      `The project ${list(others)} already runs from \`${project.directory}\`, and this deploy creates \`${project.name}\` next to it. To deploy to the existing project, set \`project-name\`.`,
    )
  }
}

/** Compares the ends of the paths only: v1 records them as they were typed, relative to any directory. */
const sameFiles = ({ composeFiles }: ProjectContainer, project: ProjectFiles): boolean =>
  composeFiles.length === project.composeFiles.length &&
  composeFiles.every((file, index) => `/${project.composeFiles[index]}`.endsWith(`/${posix.normalize(file)}`))

const list = (names: readonly string[]): string => names.map(name => `\`${name}\``).join(', ')
