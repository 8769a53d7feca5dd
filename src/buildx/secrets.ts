import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Failure, type Problem } from '../core/errors.ts'
import type { Findings } from '../core/findings.ts'
import type { InputName, Inputs } from '../inputs/inputs.ts'
import { list } from '../inputs/lists.ts'
import type { Source } from './source.ts'

/** A build secret. `id` is its id in `RUN --mount=type=secret`. */
export type Secret =
  | { readonly kind: 'value'; readonly id: string; readonly value: string }
  /** The content of a file on this machine. */
  | { readonly kind: 'file'; readonly id: string; readonly path: string }
  /** The value of an environment variable of docker. */
  | { readonly kind: 'variable'; readonly id: string; readonly variable: string }

/** The sources of the build that may need a git token. */
interface GitSources {
  readonly source: Source
  readonly buildContexts: readonly string[]
  /** The server that issued the job's token. */
  readonly serverUrl: string
}

type Pair = readonly [id: string, value: string]

/**
 * Parses `secrets`, `secret-files` and `secret-envs`. Adds the job's token if the builder fetches a git context from
 * this GitHub server.
 */
export function planSecrets(inputs: Inputs, sources: GitSources, findings: Findings): Secret[] {
  const whole = { wholeLines: true }
  const values = list(inputs.secrets, 'secrets', findings, { ...whole, keepBlanks: true })
  const files = list(inputs['secret-files'], 'secret-files', findings, whole)
  const variables = list(inputs['secret-envs'], 'secret-envs', findings)
  const secrets: Secret[] = [
    ...pairs(values, 'secrets', findings).map(([id, value]): Secret => ({ kind: 'value', id, value })),
    ...pairs(files, 'secret-files', findings).map(([id, path]): Secret => ({ kind: 'file', id, path })),
    ...pairs(variables, 'secret-envs', findings).map(
      ([id, variable]): Secret => ({ kind: 'variable', id, variable }),
    ),
  ]
  return [...secrets, ...gitToken(inputs['github-token'], sources, secrets)]
}

/** Splits `NAME=value` entries. In the run of a fork secrets are empty; an empty secret is omitted with a warning. */
function pairs(entries: readonly string[], input: InputName, findings: Findings): Pair[] {
  return entries.flatMap((entry, index): Pair[] => {
    const equals = entry.indexOf('=')
    const id = entry.slice(0, Math.max(equals, 0)).trim()
    const value = entry.slice(equals + 1)
    if (id === '') findings.problems.push(noName(input, index + 1))
    else if (value === '')
      findings.warnings.push(`\`${input}\`: \`${id}\` is empty; Slipway does not pass it.`)
    else return [[id, value]]
    return []
  })
}

/** Reports an entry without a name by its number, because its text may be the secret. */
const noName = (input: InputName, number: number) => ({
  input,
  cause: `Entry ${number} of \`${input}\` has no name.`,
  remedy:
    'Write `NAME=value`. Quote a value of several lines together with its name: `"NAME=first\nsecond"`.',
})

/** Returns the git token, limited to its host so that the builder sends it to no other host (BuildKit, source/git). */
function gitToken(token: string, sources: GitSources, secrets: readonly Secret[]): Secret[] {
  const host = URL.canParse(sources.serverUrl) ? new URL(sources.serverUrl).host : ''
  const id = `GIT_AUTH_TOKEN.${host}`
  const setByUser = secrets.some(secret => secret.id === 'GIT_AUTH_TOKEN' || secret.id === id)
  if (token === '' || host === '' || setByUser || !needsToken(sources)) return []
  return [{ kind: 'value', id, value: token }]
}

function needsToken({ source, buildContexts, serverUrl }: GitSources): boolean {
  return (
    source.kind === 'commit' ||
    (source.kind === 'remote' && source.url.startsWith(`${serverUrl}/`)) ||
    buildContexts.some(
      entry => /\{\{\s*defaultContext\s*\}\}/.test(entry) || entry.includes(`=${serverUrl}/`),
    )
  )
}

/** Returns the path of a secret in a private directory of this run. */
const secretFile = (directory: string, index: number): string => join(directory, `secret-${index}`)

/** Returns the values of `--secret`. */
export const secretArguments = (secrets: readonly Secret[], directory: string): string[] =>
  secrets.map((secret, index) =>
    secret.kind === 'variable'
      ? `id=${secret.id},env=${secret.variable}`
      : `id=${secret.id},src=${secretFile(directory, index)}`,
  )

/**
 * Writes each secret to a file of its own (0600), at the path that the build command uses, and returns the values for
 * masking. Secret files are copied too, so that a retry of the build uses the same content.
 */
export async function writeSecrets(
  secrets: readonly Secret[],
  directory: string,
  workspace: string,
): Promise<string[]> {
  const problems: Problem[] = []
  const contents = await Promise.all(secrets.map(secret => read(secret, workspace, problems)))
  if (problems.length > 0) throw new Failure('plan', problems)
  await Promise.all(
    contents.map((content, index) =>
      content === undefined ? undefined : writeFile(secretFile(directory, index), content, { mode: 0o600 }),
    ),
  )
  return contents.flatMap(content => (content === undefined ? [] : [content.toString()]))
}

async function read(secret: Secret, workspace: string, problems: Problem[]) {
  if (secret.kind === 'value') return secret.value
  if (secret.kind === 'variable') return undefined
  return await readFile(resolve(workspace, secret.path)).catch(() => {
    problems.push({
      input: 'secret-files',
      cause: `\`secret-files\`: the file \`${secret.path}\` for \`${secret.id}\` cannot be read.`,
      remedy: 'Use the path of a file that an earlier step has created.',
    })
    return undefined
  })
}
