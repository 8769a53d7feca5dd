import type { Run } from '../../core/command.ts'
import { lastLines, type Problem } from '../../core/errors.ts'
import type { Findings } from '../../core/findings.ts'
import { isExactImage } from '../../image/reference.ts'
import { type Answer, ask, isProblem, type Question } from './answer.ts'
import containersScript from './containers.sh'
import type { ContainerFacts, ProjectFiles, ProjectState, Tools } from './facts.ts'
import { readHistory, readVerified } from './history.ts'
import {
  type Check,
  imageId,
  integer,
  line,
  listOf,
  matching,
  optional,
  readObjects,
  recordOf,
  type Shape,
} from './shape.ts'
import stateText from './state.sh'
import { parseSurroundings, type Surroundings } from './surroundings.ts'
import writableScript from './writable.sh'
import { readLocked } from './writable.ts'

/** A container of the project, with the service and files that its labels name. */
export interface ProjectContainer extends ContainerFacts {
  readonly service: string
  readonly hasHealthcheck: boolean
  /** The compose files that it was created from; v1 records them relative to the directory. */
  readonly composeFiles: readonly string[]
  readonly directory: string | undefined
}

export interface ContainersReading extends ProjectState {
  readonly containers: readonly ProjectContainer[]
  /** Files that Slipway has copied and not deleted since, relative to the directory. */
  readonly copied: readonly string[]
  /** Containers that have the project's labels but were not created by Compose. */
  readonly unmanaged: readonly ProjectContainer[]
  /** The services that an unsettled deploy recorded or started. */
  readonly unsettled: Unsettled
  /** The names of the projects that run from this directory. */
  readonly projects: readonly string[]
  readonly surroundings: Surroundings
}

/** Whether each service is meant to exit (`one-shot`), by name; undefined if that was not recorded. */
export type Unsettled = ReadonlyMap<string, 'one-shot' | 'lasting' | undefined>

/** The functions of a script that reports the state of earlier deploys. */
export const stateScript = writableScript + stateText

const containersQuestion = (tools: Tools, project: ProjectFiles): Question => ({
  script: stateScript + containersScript,
  args: [project.name, project.directory, ...tools.docker],
  timeout: 120_000,
})

/** Reads the containers of the project, and the state that earlier deploys left. */
export async function readContainers(
  run: Run,
  tools: Tools,
  project: ProjectFiles,
  findings: Findings,
): Promise<ContainersReading | undefined> {
  const answer = await ask(run, containersQuestion(tools, project))
  if (isProblem(answer)) {
    findings.problems.push(answer)
    return undefined
  }
  const problem = unlisted(answer)
  if (problem === undefined) return parseContainers(answer)
  findings.problems.push(problem)
  return undefined
}

/**
 * Returns a problem if the engine did not list its containers: an engine that went away meanwhile must not look like
 * one without containers. A container that went away meanwhile is no problem.
 */
function unlisted(answer: Answer): Problem | undefined {
  const output = lastLines(answer.text('containers.error'))
  const failed =
    !['', '0'].includes(answer.text('containers.code')) && !/no such (?:container|object)/i.test(output)
  if (!answer.has('unlisted') && !failed) return undefined
  return {
    cause: 'The Docker engine on the server did not list its containers.',
    remedy: 'Check that `docker ps` works there.',
    ...(output === '' ? {} : { output }),
  }
}

/** The fields that containers.sh prints. */
interface Inspected {
  readonly id: string
  readonly name: string
  readonly state: string
  readonly health: string | null
  readonly started: string
  readonly exit: number
  readonly restarts: number
  readonly reference: string
  readonly image: string
  readonly healthcheck: { readonly Test?: readonly string[] } | null
  readonly labels: Readonly<Record<string, string>>
}

interface InspectedImage {
  readonly id: string
  readonly digests: readonly string[] | null
  readonly labels?: Readonly<Record<string, string>>
}

const name = matching(/^\/?[a-zA-Z0-9][\w.-]*$/)

const containerShape: Shape<Inspected> = {
  id: matching(/^[0-9a-f]{12,64}$/),
  name,
  state: matching(/^[a-z]+$/),
  health: optional(matching(/^[a-z]*$/)),
  started: line,
  exit: integer,
  restarts: integer,
  reference: line,
  image: imageId,
  healthcheck: optional(
    value => recordOf(() => true)(value) && optional(listOf(isText))((value as { Test?: unknown }).Test),
  ),
  labels: recordOf(optional(line)),
}

/** Checks for text; a healthcheck may be a script of many lines. */
const isText: Check = value => typeof value === 'string'

const imageShape: Shape<InspectedImage> = {
  id: imageId,
  digests: optional(listOf(line)),
  labels: optional(recordOf(optional(line))),
}

/** Parses the answer of containers.sh. Skips containers of `compose run`, which belong to no release. */
export function parseContainers(answer: Answer): ContainersReading {
  const images = readObjects(answer, 'images', imageShape)
  const inspected = readObjects(answer, 'containers', containerShape)
  const imageOf = new Map(images.map(image => [image.id, image]))
  const [own = [], unmanaged = []] = [true, false].map(managed =>
    inspected
      .filter(({ labels }) => labels['oneoff'] !== 'True')
      .filter(container => createdByCompose(container, imageOf.get(container.image)) === managed)
      .map(container => containerOf(container, imageOf.get(container.image)?.digests ?? [])),
  )
  return {
    containers: own,
    unmanaged,
    copied: answer.lines('copied'),
    unsettled: readUnsettled(answer.lines('unsettled')),
    projects: [...new Set(answer.lines('projects'))],
    surroundings: parseSurroundings(answer),
    ...parseState(answer),
  }
}

/** Parses the state that earlier deploys left (state.sh). */
export const parseState = (answer: Answer): ProjectState => ({
  stateWritable: answer.has('writable'),
  unfinished: answer.has('unfinished'),
  history: readHistory(answer.lines('history')),
  verified: answer.sections.filter(({ name }) => name === 'verified').map(({ lines }) => readVerified(lines)),
  ...readLocked(answer),
})

const readUnsettled = (lines: readonly string[]): Unsettled =>
  new Map(
    lines.toReversed().map(text => {
      const [service = '', kind] = text.split(' ')
      return [service, kind === undefined ? undefined : kind === 'one-shot' ? 'one-shot' : 'lasting']
    }),
  )

/**
 * Reports whether Compose created a container: Compose manages those with a config hash. `docker commit` copies the
 * labels of such a container into an image, and so into that image's containers. But no image can contain its own ID,
 * which is a label of v2 and a part of v1's hash: so labels that equal the image's come from it.
 */
const createdByCompose = ({ labels }: Inspected, image: InspectedImage | undefined): boolean =>
  Boolean(labels['config-hash']) &&
  ['config-hash', 'image'].some(name => (labels[name] ?? '') !== (image?.labels?.[name] ?? ''))

function containerOf(inspected: Inspected, repoDigests: readonly string[]): ProjectContainer {
  const { labels, healthcheck } = inspected
  return {
    id: inspected.id,
    name: inspected.name.replace(/^\//, ''),
    state: inspected.state,
    exitCode: inspected.exit,
    health: inspected.health === 'none' ? undefined : (inspected.health ?? undefined),
    reference: inspected.reference,
    imageId: inspected.image,
    repoDigests: repoDigests.filter(isExactImage),
    configHash: labels['config-hash'] || undefined,
    composeVersion: labels['version'] || undefined,
    startedAt: inspected.started,
    restartCount: inspected.restarts,
    service: labels['service'] ?? '',
    hasHealthcheck: (healthcheck?.Test?.length ?? 0) > 0 && healthcheck?.Test?.[0] !== 'NONE',
    composeFiles: (labels['project.config_files'] ?? '').split(',').filter(Boolean),
    directory: labels['project.working_dir'] || undefined,
  }
}
