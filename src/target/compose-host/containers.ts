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

/** A container of the project, with what says where it belongs. */
export interface ProjectContainer extends ContainerFacts {
  readonly service: string
  readonly hasHealthcheck: boolean
  /** The compose files that it was made from; v1 has them relative to the directory. */
  readonly composeFiles: readonly string[]
  readonly directory: string | undefined
}

export interface ContainersReading extends ProjectState {
  readonly containers: readonly ProjectContainer[]
  /** Files that Slipway has copied and not deleted since, relative to the directory. */
  readonly copied: readonly string[]
  /** Those that have the project's labels, and that Compose has not made. */
  readonly strangers: readonly ProjectContainer[]
  /** The services that an unsettled deploy recorded or started, each with whether it was to end by itself. */
  readonly unsettled: Unsettled
  /** The names of the projects that run from this directory. */
  readonly projects: readonly string[]
  readonly around: Surroundings
}

/** By service; undefined where its kind was not recorded. */
export type Unsettled = ReadonlyMap<string, 'one-shot' | 'lasting' | undefined>

/** What a question needs that asks for what earlier deploys have left. */
export const stateScript = writableScript + stateText

const containersQuestion = (tools: Tools, project: ProjectFiles): Question => ({
  script: stateScript + containersScript,
  args: [project.name, project.directory, ...tools.docker],
  patience: 120_000,
})

/** Reads the containers of the project, and what earlier deploys have left. */
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

/** An engine that went away in between must not look like one without containers; a container that did is no matter. */
function unlisted(answer: Answer): Problem | undefined {
  const output = lastLines(answer.text('containers.error'))
  const failed =
    !['', '0'].includes(answer.text('containers.code')) && !/no such (?:container|object)/i.test(output)
  if (!answer.has('unlisted') && !failed) return undefined
  return {
    cause: 'The Docker engine on the server did not list its containers.',
    remedy: 'Check there whether `docker ps` answers.',
    ...(output === '' ? {} : { output }),
  }
}

/** As containers.sh asks for it. */
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

/** A healthcheck may be a script of many lines. */
const isText: Check = value => typeof value === 'string'

const imageShape: Shape<InspectedImage> = {
  id: imageId,
  digests: optional(listOf(line)),
  labels: optional(recordOf(optional(line))),
}

/** Parses the answer. Leaves out containers of `compose run`, which belong to no release. */
export function parseContainers(answer: Answer): ContainersReading {
  const images = readObjects(answer, 'images', imageShape)
  const inspected = readObjects(answer, 'containers', containerShape)
  const imageOf = new Map(images.map(image => [image.id, image]))
  const [own = [], strangers = []] = [true, false].map(made =>
    inspected
      .filter(({ labels }) => labels['oneoff'] !== 'True')
      .filter(container => madeByCompose(container, imageOf.get(container.image)) === made)
      .map(container => containerOf(container, imageOf.get(container.image)?.digests ?? [])),
  )
  return {
    containers: own,
    strangers,
    copied: answer.lines('copied'),
    unsettled: readUnsettled(answer.lines('unsettled')),
    projects: [...new Set(answer.lines('projects'))],
    around: parseSurroundings(answer),
    ...parseState(answer),
  }
}

/** Parses what earlier deploys have left (state.sh). */
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
 * Compose counts what has a config hash. An image that was committed from such a container hands its labels on, but no
 * image can name its own ID, which stands in the labels of v2, and in the hash of v1.
 */
const madeByCompose = ({ labels }: Inspected, image: InspectedImage | undefined): boolean =>
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
