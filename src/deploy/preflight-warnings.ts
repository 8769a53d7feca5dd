import type { Project, ServiceFacts, Tools } from './facts.ts'
import { megabytes } from './preflight-release.ts'
import type { EnvSet } from './preflight-solve.ts'
import { variablesOf } from './variables.ts'

/** What of the server may spoil the deploy. */
export function warnOfServer(tools: Tools, size = 0): string[] {
  const { freeBytes, killsLeftovers, login } = tools
  const need = size * unpacked + margin
  return [
    ...(freeBytes !== undefined && freeBytes < need && size < freeBytes
      ? [
          `The server has ${megabytes(freeBytes)} free for images (${tools.dockerRoot}), which may be too little.`,
        ]
      : []),
    ...(killsLeftovers && tools.escape === undefined
      ? [
          `The server ends what a login leaves behind (\`KillUserProcesses=yes\`), so a deploy ends half-way when the connection drops: \`sudo loginctl enable-linger ${login.user}\` there lets it finish.`,
        ]
      : []),
  ]
}

/** Layers are packed in the registry; both forms are there at once while they are unpacked. */
const unpacked = 3.5
const margin = 100e6

/** What of the services will not be as one may think. */
export const warnOfServices = (
  services: readonly ServiceFacts[],
  project: Project,
  envSet: EnvSet,
): string[] => services.flatMap(service => warnOfService(service, project, envSet))

function warnOfService(service: ServiceFacts, project: Project, envSet: EnvSet): string[] {
  const { name, pullPolicy, sideCars, containers, replicas } = service
  const policy = pullPolicy === undefined ? undefined : policies[pullPolicy.replace(/_.*/, '')]
  const running = containers.filter(({ state }) => state === 'running').length
  return [
    ...(policy === undefined
      ? []
      : [`The service \`${name}\` has \`pull_policy: ${pullPolicy}\`: ${policy}`]),
    ...overridden(service, project).map(
      variable =>
        `\`${variable}\`, which decides the image of \`${name}\`, comes from the environment of the login: another login, or the server itself, may see another value.`,
    ),
    ...sideCars.map(
      other =>
        `\`${other}\` lives in the network of \`${name}\` and loses it when that is recreated: \`docker compose up -d --force-recreate ${other}\` afterwards.`,
    ),
    ...(running > 1 && running !== replicas
      ? [`\`${name}\` runs ${running} times, and its file asks for ${replicas}: the ${running} are kept.`]
      : []),
    ...Object.entries(envSet)
      .filter(([variable]) => variablesOf(service.template ?? '').includes(variable))
      .map(
        ([variable, value]) =>
          `\`${variable}\` in \`${project.envFile}\` becomes \`${value}\`, as it decides the image of \`${name}\`.`,
      ),
  ]
}

/** What a later `docker compose up -d` by hand does to the release; `every_…` is an `always` that waits. */
const policies: Readonly<Record<string, string>> = {
  always: 'a later `docker compose up -d` asks the registry, and may run another release.',
  every: 'a later `docker compose up -d` may ask the registry, and run another release.',
  daily: 'a later `docker compose up -d` may ask the registry, and run another release.',
  weekly: 'a later `docker compose up -d` may ask the registry, and run another release.',
  build: 'a later `docker compose up -d` builds there, and replaces the release by that.',
}

const overridden = ({ template }: ServiceFacts, { variables }: Project): string[] =>
  variablesOf(template ?? '').filter(name =>
    variables.some(variable => variable.name === name && variable.from === 'environment'),
  )
