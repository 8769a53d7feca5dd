import { variablesOf } from '../../compose/interpolation.ts'
import type { ServiceFacts, Tools } from './facts.ts'
import type { Project } from './project-facts.ts'
import { megabytes } from './release.ts'

/** What of the server may spoil the deploy; `size` is that of the image in the registry, in bytes. */
export function warnOfServer(tools: Tools, size = 0): string[] {
  const { freeBytes, dockerRoot, killsLeftovers, login } = tools
  const warnings: string[] = []
  if (freeBytes !== undefined && size < freeBytes && freeBytes < size * unpacked + margin) {
    warnings.push(
      `The server has ${megabytes(freeBytes)} free for images (${dockerRoot}): it may be too little.`,
    )
  }
  if (killsLeftovers && tools.escape === undefined) {
    warnings.push(
      `The server ends what a login leaves behind (\`KillUserProcesses=yes\`), so a deploy ends half-way when the connection drops: \`sudo loginctl enable-linger ${login.user}\` there lets it finish.`,
    )
  }
  return warnings
}

/** Layers are packed in the registry; both forms are there at once while they are unpacked. */
const unpacked = 3.5
const margin = 100e6

/** What of the project will not be as one may think. */
export const warnOfServices = (services: readonly ServiceFacts[], project: Project): string[] => [
  ...(project.unfinished ? ['An earlier deploy was cut off half-way: it is brought to an end first.'] : []),
  ...services.flatMap(service => [
    ...pullPolicy(service),
    ...overridden(service, project),
    ...sideCars(service),
    ...scaled(service),
  ]),
]

/** What a later `docker compose up -d` by hand does to the release; `every_…` is an `always` that waits. */
const policies: Readonly<Record<string, string>> = {
  always: 'asks the registry, and may run another release',
  every: 'may ask the registry, and run another release',
  daily: 'may ask the registry, and run another release',
  weekly: 'may ask the registry, and run another release',
  build: 'builds there, and replaces the release by that',
}

function pullPolicy({ name, pullPolicy: policy = '' }: ServiceFacts): string[] {
  const effect = policies[policy.replace(/_.*/, '')]
  return effect === undefined
    ? []
    : [`The service \`${name}\` has \`pull_policy: ${policy}\`: a later \`docker compose up -d\` ${effect}.`]
}

const overridden = ({ name, template = '' }: ServiceFacts, { variables }: Project): string[] =>
  variablesOf(template)
    .filter(each => variables.some(({ name: own, from }) => own === each && from === 'environment'))
    .map(
      each =>
        `\`${each}\`, which decides the image of \`${name}\`, comes from the environment of the login: another login, or the server itself, may see another value.`,
    )

/** compose#8918, #10997 */
const sideCars = (service: ServiceFacts): string[] =>
  service.sideCars.map(
    other =>
      `\`${other}\` lives in the network of \`${service.name}\` and loses it when that is recreated: \`docker compose up -d --force-recreate ${other}\` afterwards.`,
  )

function scaled({ name, containers, replicas }: ServiceFacts): string[] {
  const running = containers.filter(({ state }) => state === 'running').length
  return running > 1 && running !== replicas
    ? [`\`${name}\` runs ${running} times, and its file asks for ${replicas}: the ${running} are kept.`]
    : []
}
