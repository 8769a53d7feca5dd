import { posix } from 'node:path'
import type { Command, Run } from '../command.ts'
import { lastLines, type Problem } from '../errors.ts'
import type { Findings } from '../findings.ts'
import { type Answer, readAnswer } from './answer.ts'
import { type ComposeProject, readComposeConfig } from './compose.ts'
import type { Project, Tools } from './facts.ts'
import type { DeployPlan } from './plan.ts'
import { composeFilesOf, composeVariable, warnOfFiles } from './preflight-files.ts'
import { configProblem, missingDirectory } from './preflight-problems.ts'
import answerScript from './server/answer.sh'
import projectScript from './server/project.sh'
import { isV1, noAnswer } from './tools.ts'
import { readEnvFile, variablesOf } from './variables.ts'

/** The project as it stands in its files: resolved, and its images as they are written there. */
export interface ProjectReading {
  readonly project: Project
  readonly config: ComposeProject
  /** By service: the image before its variables are resolved. */
  readonly templates: Readonly<Record<string, string>>
  /** By service: Compose's hash of its configuration. */
  readonly hashes: Readonly<Record<string, string>>
}

/** Milliseconds: three calls of Compose; v1 takes half a second for each on a fast machine. */
const patience = 60_000

/** A Compose call for this project: what is given by the user is given to every call. */
export const composeWords = (tools: Tools, plan: DeployPlan, files: readonly string[]): string[] => [
  ...tools.compose,
  ...(plan.projectName === undefined ? [] : ['-p', plan.projectName]),
  ...files.flatMap(file => ['-f', file]),
]

export function projectCommand(tools: Tools, plan: DeployPlan): Command {
  const [first] = plan.composeFiles
  const base = first === undefined ? '' : posix.dirname(first)
  const words = composeWords(tools, plan, plan.composeFiles)
  const args = ['-s', plan.projectDirectory, isV1(tools) ? 'v1' : 'v2', base, ...words]
  return { file: 'sh', args, stdin: answerScript + projectScript }
}

/** Reads the project on the server; undefined when there is none to be had, and the findings say why. */
export async function readProject(
  run: Run,
  tools: Tools,
  plan: DeployPlan,
  findings: Findings,
): Promise<ProjectReading | undefined> {
  const outcome = await run(projectCommand(tools, plan), { timeout: patience })
  const answer = readAnswer(outcome)
  const reading =
    answer === undefined ? noAnswer(lastLines(outcome.stderr)) : await parseProject(answer, tools, plan)
  if ('cause' in reading) {
    findings.problems.push(reading)
    return undefined
  }
  if (answer !== undefined) warnOfFiles(answer, plan, findings)
  return reading
}

/** What the answer says; a problem when there is no valid project. */
export async function parseProject(
  answer: Answer,
  tools: Tools,
  plan: DeployPlan,
): Promise<ProjectReading | Problem> {
  if (!answer.has('directory')) return missingDirectory(answer, plan)
  const config =
    answer.text('config.code') === '0' ? await readComposeConfig(answer.text('config')) : undefined
  if (config === undefined) return configProblem(answer, plan)
  const written = await readComposeConfig(answer.text('template'))
  const templates = Object.fromEntries(
    Object.entries(written?.services ?? {}).flatMap(([name, { image }]) =>
      image === undefined ? [] : [[name, image]],
    ),
  ) as Record<string, string>
  return {
    project: projectOf(answer, config, templates, tools, plan),
    config,
    templates,
    hashes: hashesOf(answer),
  }
}

function projectOf(
  answer: Answer,
  config: ComposeProject,
  templates: Readonly<Record<string, string>>,
  tools: Tools,
  plan: DeployPlan,
): Project {
  const directory = answer.text('directory')
  const composeFiles = composeFilesOf(answer, plan, tools)
  return {
    name: config.name ?? nameOf(answer, plan, composeFiles),
    givenName: plan.projectName,
    directory,
    writable: answer.has('writable'),
    files: plan.composeFiles.map(file => posix.resolve(directory, file)),
    composeFiles,
    envFile: envFileOf(answer),
    variables: variablesIn(answer, Object.values(templates)),
  }
}

/** v1 does not say it: `-p`, `COMPOSE_PROJECT_NAME`, or the directory of the first file without what is no letter. */
function nameOf(answer: Answer, plan: DeployPlan, composeFiles: readonly string[]): string {
  const directory = posix.basename(posix.dirname(composeFiles[0] ?? `${answer.text('directory')}/x`))
  const name = plan.projectName ?? composeVariable(answer, 'COMPOSE_PROJECT_NAME') ?? directory
  return name.toLowerCase().replace(/[^-_a-z0-9]/g, '')
}

/** Undefined also where another file is named in its place: what is written to it would not count. */
function envFileOf(answer: Answer): string | undefined {
  const elsewhere = ['COMPOSE_ENV_FILES', 'COMPOSE_DISABLE_ENV_FILE'].some(
    name => composeVariable(answer, name) !== undefined,
  )
  return answer.has('env.file') && !elsewhere ? answer.text('env.file') : undefined
}

function variablesIn(answer: Answer, templates: readonly string[]): Project['variables'] {
  const environment = new Set(answer.lines('environment.names'))
  const file = readEnvFile(answer.text('env'))
  return [...new Set(templates.flatMap(variablesOf))].map(name => ({
    name,
    from: environment.has(name) ? 'environment' : file.has(name) ? 'env-file' : undefined,
    value: file.get(name),
  }))
}

const hashesOf = (answer: Answer): Record<string, string> =>
  answer.text('hash.code') === '0'
    ? Object.fromEntries(
        answer.lines('hash').flatMap(line => (/^(\S+) ([0-9a-f]{64})$/.test(line) ? [line.split(' ')] : [])),
      )
    : {}
