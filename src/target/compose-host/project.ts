import { posix } from 'node:path'
import { type ComposeProject, type ComposeService, readComposeConfig } from '../../compose/config.ts'
import { variablesOf } from '../../compose/interpolation.ts'
import { referencedFiles } from '../../compose/references.ts'
import type { Run } from '../../core/command.ts'
import type { Problem } from '../../core/errors.ts'
import type { Findings } from '../../core/findings.ts'
import { hasUploads } from '../../payload/plan.ts'
import type { DeployPlan } from '../plan.ts'
import { type Answer, ask, isProblem, type Question } from './answer.ts'
import type { ProjectFiles, Tools, Variable } from './facts.ts'
import {
  composeFilesOf,
  composeVariable,
  configProblem,
  envOf,
  foundHere,
  missingDirectory,
  warnOfFiles,
} from './files.ts'
import projectScript from './project.sh'
import { type Check, line, readText } from './shape.ts'
import { askStaged } from './staging.ts'
import { isV1 } from './tools.ts'
import { lockedUploadsOf } from './writable.ts'

/** The project as its files define it: the resolved configuration, and the image references before interpolation. */
export interface ProjectReading {
  readonly project: ProjectFiles
  readonly config: ComposeProject
  /** The image reference of each service before its variables are resolved. */
  readonly templates: Readonly<Record<string, string>>
  /** Compose's hash of each service's configuration. */
  readonly hashes: Readonly<Record<string, string>>
  /** The profiles that `COMPOSE_PROFILES` activates. */
  readonly profiles: readonly string[]
  /** The platform of services that declare none (`DOCKER_DEFAULT_PLATFORM`). */
  readonly defaultPlatform: string | undefined
}

/** Returns the words of a Compose call for this project, with the options from the inputs. */
const composeWords = (
  tools: Pick<Tools, 'compose'>,
  plan: DeployPlan,
  files: readonly string[],
): string[] => [
  ...tools.compose,
  ...(plan.projectName === undefined ? [] : ['-p', plan.projectName]),
  ...plan.composeEnvFiles.flatMap(file => ['--env-file', file]),
  ...files.flatMap(file => ['-f', file]),
]

/** Makes three calls of Compose; v1 takes half a second for each on a fast machine. */
function projectQuestion(tools: Pick<Tools, 'compose' | 'composeVersion'>, plan: DeployPlan): Question {
  const [first] = plan.composeFiles
  const base = first === undefined ? '' : posix.dirname(first)
  const words = composeWords(tools, plan, plan.composeFiles)
  const args = [plan.projectDirectory, isV1(tools) ? 'v1' : 'v2', base, ...words]
  return { script: projectScript, args, timeout: 120_000 }
}

/** Reads the project on the server; undefined if it cannot be read, and the findings say why. */
export async function readProject(
  run: Run,
  tools: Tools,
  plan: DeployPlan,
  findings: Findings,
): Promise<ProjectReading | undefined> {
  const answer = await askProject(run, tools, plan)
  const reading = isProblem(answer) ? answer : await parseProject(answer, tools, plan)
  if (!isProblem(answer)) warnOfFiles(answer, plan, findings)
  if (!isProblem(reading)) return reading
  findings.problems.push(reading)
  return undefined
}

/** Reads the project with the uploads in place, if there are any. */
function askProject(run: Run, tools: Tools, plan: DeployPlan): Promise<Answer | Problem> {
  const question = projectQuestion(tools, plan)
  const { payload } = plan
  return payload !== undefined && hasUploads(payload)
    ? askStaged(run, question, payload, isV1(tools))
    : ask(run, question)
}

/**
 * Checks the project directory on a server without docker, so that its problem is reported together with the others.
 */
export async function findDirectory(run: Run, plan: DeployPlan, findings: Findings): Promise<void> {
  const noCompose = { compose: ['false'], composeVersion: '' } as const
  const answer = await ask(run, projectQuestion(noCompose, plan))
  if (!isProblem(answer) && !answer.has('directory')) findings.problems.push(missingDirectory(answer, plan))
}

/** Parses the answer of project.sh; returns a problem if there is no valid project. */
async function parseProject(
  answer: Answer,
  tools: Tools,
  plan: DeployPlan,
): Promise<ProjectReading | Problem> {
  if (!answer.has('directory')) return missingDirectory(answer, plan)
  if (isV1(tools) && plan.composeEnvFiles.length > 1) return oneEnvFile(tools)
  const config =
    answer.text('config.code') === '0' ? await readComposeConfig(answer.text('config')) : undefined
  if (config === undefined) return configProblem(answer, plan)
  const composeFiles = composeFilesOf(answer, plan, tools)
  const written = await writtenServices(answer, composeFiles)
  const templates = templatesOf(written)
  const referenced = await referencedFiles(composeFiles, file => answer.text(`text.${file}`))
  return {
    project: projectOf(answer, config, { templates, referenced, composeFiles }, tools, plan),
    config,
    templates,
    hashes: hashesOf(answer, written),
    profiles: composeVariable(answer, 'COMPOSE_PROFILES')?.split(',') ?? [],
    defaultPlatform: composeVariable(answer, 'DOCKER_DEFAULT_PLATFORM'),
  }
}

const oneEnvFile = ({ composeVersion }: Tools): Problem => ({
  input: 'compose-env-files',
  cause: `\`compose-env-files\` names several files, but Compose ${composeVersion} on the server supports only one.`,
  remedy: 'Merge them into one file, or install Compose v2 there.',
})

/**
 * Makes the path of a file inside the directory relative to it, so that it also works in a staged copy of the project.
 */
const relativeTo = (directory: string, file: string): string =>
  file.startsWith(`${directory}/`) ? file.slice(directory.length + 1) : file

/** Checks for an absolute path on one line. */
const isPath: Check = value => line(value) && String(value).startsWith('/')

function projectOf(
  answer: Answer,
  config: ComposeProject,
  {
    templates,
    referenced,
    composeFiles,
  }: {
    readonly templates: Readonly<Record<string, string>>
    readonly referenced: readonly string[]
    readonly composeFiles: readonly string[]
  },
  tools: Tools,
  plan: DeployPlan,
): ProjectFiles {
  const base = posix.dirname(composeFiles[0] ?? `${answer.text('directory')}/compose.yaml`)
  // Compose also searches the directories above. If it finds its files in one of them, that is the project directory.
  const directory = foundHere(answer, plan) ? base : readText(answer, 'directory', isPath)
  return {
    name: config.name ?? nameOf(answer, plan, base),
    givenName: plan.projectName,
    directory,
    base,
    writable: answer.has('writable'),
    ...(answer.has('staged.missing') ? { missing: true } : {}),
    ...(answer.has('staged.settings') ? { settings: answer.text('staged.settings').split(', ') } : {}),
    ...lockedUploadsOf(answer),
    files: plan.composeFiles.map(file => posix.resolve(directory, file)),
    composeFiles,
    partFiles: [...referenced, ...plan.composeEnvFiles.map(file => posix.resolve(directory, file))].filter(
      file => isPath(file) && file.startsWith(`${directory}/`),
    ),
    envFile: envFileOf(answer, plan),
    envFiles: plan.composeEnvFiles.map(file => relativeTo(directory, file)),
    variables: variablesIn(answer, templates, tools),
  }
}

/**
 * Derives the project name as Compose v1 does, which does not print it: `-p`, `COMPOSE_PROJECT_NAME`, or the name of
 * the directory, in lower case without special characters.
 */
function nameOf(answer: Answer, plan: DeployPlan, base: string): string {
  const name = plan.projectName ?? composeVariable(answer, 'COMPOSE_PROJECT_NAME') ?? posix.basename(base)
  return name.toLowerCase().replace(/[^-_a-z0-9]/g, '')
}

/**
 * Returns the config hashes, except of services with an `env_file`: `up` hashes its content too, `config --hash` does
 * not.
 */
function hashesOf(answer: Answer, written: Written): Record<string, string> {
  if (answer.text('hash.code') !== '0') return {}
  const hashes = answer
    .lines('hash')
    .flatMap(text => (/^(\S+) ([0-9a-f]{64})$/.test(text) ? [text.split(' ')] : []))
  const hasEnvFile = (name = '') =>
    written.some(([other, { envFiles }]) => other === name && envFiles.length > 0)
  return Object.fromEntries(hashes.filter(([name]) => !hasEnvFile(name)))
}

type Written = readonly (readonly [string, ComposeService])[]

/** Returns the services before interpolation: as Compose prints them, else from the files, where a later file wins. */
async function writtenServices(answer: Answer, files: readonly string[]): Promise<Written> {
  const texts = answer.has('template')
    ? [answer.text('template')]
    : files.map(file => answer.text(`raw.${file}`))
  const written = await Promise.all(texts.map(readComposeConfig))
  return written.flatMap(config => Object.entries(config?.services ?? {}))
}

const templatesOf = (written: Written): Record<string, string> =>
  Object.fromEntries(written.flatMap(([name, { image }]) => (image === undefined ? [] : [[name, image]])))

/** Returns the env file; undefined if a variable replaces or disables it, as Compose would not read a change to it. */
function envFileOf(
  answer: Answer,
  { composeEnvFiles }: Pick<DeployPlan, 'composeEnvFiles'>,
): string | undefined {
  const last = answer.sections.findLast(({ name }) => name === 'env.file')
  if (composeEnvFiles.length > 0) return last?.lines[0]
  const elsewhere = ['COMPOSE_ENV_FILES', 'COMPOSE_DISABLE_ENV_FILE'].some(
    name => composeVariable(answer, name) !== undefined,
  )
  return answer.has('env.file') && !elsewhere ? answer.text('env.file') : undefined
}

function variablesIn(answer: Answer, templates: Readonly<Record<string, string>>, tools: Tools): Variable[] {
  // sudo resets the environment (`env_reset`).
  const environment = new Set(tools.compose[0] === 'sudo' ? [] : answer.lines('environment.names'))
  const file = envOf(answer)
  const uses = Object.entries(templates).map(([service, image]) => ({
    service,
    names: variablesOf(image),
  }))
  return [...new Set(uses.flatMap(({ names }) => names))].map(name => ({
    name,
    from: environment.has(name) ? 'environment' : file.has(name) ? 'env-file' : undefined,
    value: file.get(name),
    services: uses.filter(({ names }) => names.includes(name)).map(({ service }) => service),
  }))
}
