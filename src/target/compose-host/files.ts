import { posix } from 'node:path'
import { readEnvFile } from '../../compose/interpolation.ts'
import { lastLines, type Problem } from '../../core/errors.ts'
import type { Findings } from '../../core/findings.ts'
import { quoteIfNeeded } from '../../core/format-command.ts'
import type { DeployPlan } from '../plan.ts'
import type { Answer } from './answer.ts'
import type { Tools } from './facts.ts'
import { isV1 } from './tools.ts'

// Compose uses the first of these that exists, and the first override next to it; v1 tries them in another order.
const main = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml']
const mainV1 = ['docker-compose.yml', 'docker-compose.yaml', 'compose.yml', 'compose.yaml']
const overrides = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
]
const overridesV1 = [...overrides.slice(2), ...overrides.slice(0, 2)]

/**
 * Returns the absolute paths of all files that Compose reads: those of the input, of `COMPOSE_FILE`, or the default
 * ones.
 */
export function composeFilesOf(answer: Answer, plan: DeployPlan, tools: Tools): string[] {
  const directory = answer.text('directory')
  const given = plan.composeFiles.length > 0 ? plan.composeFiles : listedFiles(answer)
  if (given.length > 0) return given.map(file => posix.resolve(directory, file))
  const found = filesFound(answer)
  const first = firstOf(isV1(tools) ? mainV1 : main, found)
  if (first === undefined) return []
  const beside = found.filter(file => posix.dirname(file) === posix.dirname(first))
  const override = firstOf(isV1(tools) ? overridesV1 : overrides, beside)
  return override === undefined ? [first] : [first, override]
}

const filesFound = (answer: Answer): string[] =>
  answer.sections.filter(({ name }) => name === 'file').flatMap(({ lines }) => lines)

/** Returns the first file by the order of the names. */
const firstOf = (names: readonly string[], files: readonly string[]): string | undefined =>
  names.map(name => files.find(file => posix.basename(file) === name)).find(file => file !== undefined)

/** Returns the variables of the env files that Compose interpolates from; the last file that sets a variable wins. */
export const envOf = (answer: Answer): Map<string, string> =>
  new Map(
    answer.sections
      .filter(({ name }) => name === 'env')
      .flatMap(({ lines }) => [...readEnvFile(lines.join('\n'))]),
  )

/** Returns one of Compose's own variables, from the environment or else the env file. */
export function composeVariable(answer: Answer, name: string): string | undefined {
  const [line] = answer.lines('environment.compose').filter(each => each.startsWith(`${name}=`))
  const value = line?.slice(name.length + 1) ?? envOf(answer).get(name)
  return value === '' ? undefined : value
}

/** Reports whether Compose finds its files itself, as neither the input nor `COMPOSE_FILE` names any. */
export const foundHere = (answer: Answer, { composeFiles }: DeployPlan): boolean =>
  composeFiles.length === 0 && listedFiles(answer).length === 0

/** Returns the files that `COMPOSE_FILE` names. */
function listedFiles(answer: Answer): string[] {
  const separator = composeVariable(answer, 'COMPOSE_PATH_SEPARATOR') ?? ':'
  return composeVariable(answer, 'COMPOSE_FILE')?.split(separator).filter(Boolean) ?? []
}

/** Warns of files that Compose ignores because of `-f`: the override file and those of `COMPOSE_FILE`. */
export function warnOfFiles(answer: Answer, { composeFiles }: DeployPlan, { warnings }: Findings): void {
  if (composeFiles.length === 0) return
  const given = composeFiles.map(file => posix.resolve(answer.text('directory'), file))
  const override = firstOf(overrides, filesFound(answer))
  const dropped = override === undefined || given.includes(override) ? [] : [override]
  const listed = listedFiles(answer)
  if (dropped.length > 0) {
    warnings.push(
      `\`compose-files\` leaves out ${dropped.map(file => `\`${posix.basename(file)}\``).join(', ')}, which a plain \`docker compose up\` on the server uses: name it too, or leave \`compose-files\` empty.`,
    )
  }
  if (listed.length > 0) {
    warnings.push(
      `\`compose-files\` overrides \`COMPOSE_FILE\` (\`${listed.join(':')}\`), which a plain \`docker compose up\` on the server uses: leave \`compose-files\` empty to use it.`,
    )
  }
}

/** Explains why the project directory cannot be entered. */
export function missingDirectory(answer: Answer, { projectDirectory }: DeployPlan): Problem {
  const nearest = answer.text('nearest')
  const nearby = answer.lines('nearby')
  if (answer.has('forbidden')) {
    return {
      input: 'project-directory',
      cause: `\`project-directory\` is \`${projectDirectory}\`, which the login may not enter on the server.`,
      remedy: `Give its group access, or change its owner: \`sudo chown -R USER ${quoteIfNeeded(projectDirectory)}\`.`,
    }
  }
  return {
    input: 'project-directory',
    cause: `\`project-directory\` is \`${projectDirectory}\`, which does not exist on the server.`,
    remedy: `The closest directory that exists is \`${nearest}\`; it ${contents(nearby)}.`,
  }
}

const contents = (names: readonly string[]): string =>
  names.length === 0 ? 'is empty' : `contains ${names.map(name => `\`${name}\``).join(', ')}`

/** Explains why Compose cannot read the project. */
export function configProblem(answer: Answer, plan: DeployPlan): Problem {
  const output = withoutValues(lastLines(answer.text('config.error')), answer)
  const given = plan.composeFiles.length > 0
  if (answer.text('config.code') === '124') return slowCompose
  if (!given && filesFound(answer).length === 0 && /no configuration file|find a suitable/i.test(output)) {
    return {
      input: 'project-directory',
      cause: `There is no compose file in \`${answer.text('directory')}\` on the server, nor above it.`,
      remedy: `Put a compose.yaml there, or name the files in \`compose-files\`; the directory ${contents(answer.lines('listing'))}.`,
    }
  }
  const unset = /required variable (\w+) is missing a value/.exec(output)?.[1]
  if (unset !== undefined) return unsetVariable(unset, answer, output)
  const envFile = /couldn't find env file: (\S+)/.exec(output)?.[1]
  if (envFile !== undefined && plan.composeEnvFiles.length > 0)
    return missingFile('compose-env-files', envFile, answer)
  const missing = /(?:open|stat) (\S+): no such file|No such file or directory: '([^']+)'/.exec(output)
  const file = missing?.[1] ?? missing?.[2]
  if (given && file !== undefined) return missingFile('compose-files', file, answer)
  return {
    ...(given ? { input: 'compose-files' } : {}),
    cause: `Compose rejects the project in \`${answer.text('directory')}\` on the server.`,
    remedy: 'Fix what Compose names; check it with `docker compose config --quiet` in that directory.',
    output,
  }
}

/** The problem of exit code 124, that of timeout(1). */
const slowCompose: Problem = {
  cause: 'Compose did not read the project on the server within 30 s.',
  remedy: 'Run `docker compose config --quiet` there: the server may be short of memory or disk space.',
}

/** Returns the remedy for a variable of the compose file that is not set. */
export const setVariable = (name: string): string =>
  `Set it with \`env: ${name}=…\`, which writes it to the env file that Compose reads, or name the file that has it in \`compose-env-files\`: by default, Compose reads only \`.env\`.`

const unsetVariable = (name: string, answer: Answer, output: string): Problem => ({
  input: 'env',
  cause: `The compose file in \`${answer.text('directory')}\` on the server needs the variable \`${name}\`, which is not set.`,
  remedy: setVariable(name),
  output,
})

const missingFile = (
  input: 'compose-files' | 'compose-env-files',
  file: string,
  answer: Answer,
): Problem => ({
  input,
  cause: `\`${input}\` names \`${file}\`, which does not exist on the server.`,
  remedy: `Paths are relative to \`project-directory\`, which ${contents(answer.lines('listing'))}.`,
})

/**
 * Hides the values of the `.env` file: Compose quotes text that it cannot parse, with variables resolved, and often with
 * escapes as in JSON.
 */
function withoutValues(text: string, answer: Answer): string {
  const values = [...envOf(answer).values()]
    .filter(value => value.length > 3)
    .flatMap(value => [value, JSON.stringify(value).slice(1, -1)])
  return values
    .sort((one, other) => other.length - one.length)
    .reduce((shown, value) => shown.replaceAll(value, '***'), text)
}
