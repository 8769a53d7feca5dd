import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { dockerfileOf, inWorkspace } from '../buildx/source.ts'
import { Failure, type Problem } from '../core/errors.ts'
import type { Plan } from '../plan/plan.ts'
import type { Ending } from './journal.ts'
import { lineOfKey } from './yaml-line.ts'

/** The files of the workspace that an error can refer to, by absolute path. */
export interface Sources {
  readonly workspace: string
  readonly dockerfile: string | undefined
  /** The uploaded compose files. */
  readonly compose: readonly { readonly local: string; readonly remote: string }[]
}

/** Runs the work. Adds to its failure, thrown or returned, the lines of the workspace that caused it. */
export async function annotated(
  plan: Pick<Plan, 'build' | 'deploy'>,
  workspace: string,
  work: () => Promise<Ending>,
): Promise<Ending> {
  try {
    const ending = await work()
    const { failure } = ending
    return failure === undefined ? ending : { ...ending, failure: annotate(failure, plan, workspace) }
  } catch (error) {
    throw error instanceof Failure ? annotate(error, plan, workspace) : error
  }
}

/** Returns a copy of the failure in which each problem names its line in the workspace, if it has one. */
function annotate(failure: Failure, plan: Pick<Plan, 'build' | 'deploy'>, workspace: string): Failure {
  const sources = sourcesOf(plan, workspace)
  const problems = failure.problems.map(problem => {
    const at = locate(problem, sources)
    return at === undefined ? problem : { ...problem, at }
  })
  return new Failure(failure.stage, problems)
}

function sourcesOf({ build, deploy }: Pick<Plan, 'build' | 'deploy'>, workspace: string): Sources {
  return {
    workspace,
    dockerfile: dockerfileOf(build, workspace),
    compose: deploy?.payload?.files.filter(({ remote }) => /\.ya?ml$/.test(remote)) ?? [],
  }
}

/** Returns the file and line that a problem names; undefined if it names none in the workspace. */
export function locate({ cause, output = '' }: Problem, sources: Sources): Problem['at'] {
  const text = `${cause}\n${output}`
  const location = inDockerfile(text, sources) ?? inCompose(text, sources)
  if (location === undefined) return undefined
  const file = inWorkspace(location.path, sources.workspace)
  return file === undefined ? undefined : { file, line: location.line }
}

interface Location {
  readonly path: string
  readonly line: number
}

/** Finds a line of the Dockerfile. BuildKit prints `NAME:12` above an excerpt, or the line number of a parse error. */
function inDockerfile(text: string, { dockerfile }: Sources): Location | undefined {
  if (dockerfile === undefined) return undefined
  const header = [...text.matchAll(/^(?:#\d+ [\d.]+ )?(\S+):(\d+)$/gm)].find(
    ([, name]) => name === basename(dockerfile),
  )
  const line = header?.[2] ?? /dockerfile parse error on line (\d+)/i.exec(text)?.[1]
  return line === undefined ? undefined : { path: dockerfile, line: Number(line) }
}

/** Finds a line of a compose file. Compose prints the line of a YAML error, or the path of an unknown key. */
function inCompose(text: string, { compose }: Sources): Location | undefined {
  const named = compose.filter(({ remote }) => text.includes(remote))
  const [file, second] = named.length > 0 ? named : compose
  if (file === undefined || (second !== undefined && named.length !== 1)) return undefined
  const yaml = /\byaml: (?:[\w ]+: )?line (\d+)/.exec(text)?.[1]
  const line = yaml === undefined ? lineOfPath(text, file.local) : Number(yaml)
  return line === undefined ? undefined : { path: file.local, line }
}

function lineOfPath(text: string, path: string): number | undefined {
  const keys = /\b(?:services|networks|volumes|secrets|configs)\.[\w.-]*\w/.exec(text)?.[0].split('.')
  if (keys === undefined) return undefined
  const unknownKey = /additional propert(?:y|ies) '?([\w-]+)'?/i.exec(text)?.[1]
  return lineOfKey(read(path), unknownKey === undefined ? keys : [...keys, unknownKey])
}

/** Reads the file. Returns an empty text if it has disappeared since the upload. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
