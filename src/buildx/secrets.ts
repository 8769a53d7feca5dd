import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Failure, type Problem } from '../core/errors.ts'
import type { Findings } from '../core/findings.ts'
import type { InputName, Inputs } from '../inputs/inputs.ts'
import { list } from '../inputs/lists.ts'
import type { Source } from './source.ts'

/** A secret of the build, by the id that `RUN --mount=type=secret` knows it by. */
export type Secret =
  | { readonly kind: 'value'; readonly id: string; readonly value: string }
  /** The content of a file of this machine. */
  | { readonly kind: 'file'; readonly id: string; readonly path: string }
  /** The value of a variable in the environment of docker. */
  | { readonly kind: 'variable'; readonly id: string; readonly variable: string }

/** Sources that may need a token. */
interface Fetched {
  readonly source: Source
  readonly buildContexts: readonly string[]
  /** The server that issued the job's token. */
  readonly serverUrl: string
}

type Pair = readonly [id: string, value: string]

/** Reads `secrets`, `secret-files` and `secret-envs`, and adds the token for a git context of the own forge. */
export function planSecrets(inputs: Inputs, fetched: Fetched, findings: Findings): Secret[] {
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
  return [...secrets, ...gitToken(inputs['github-token'], fetched, secrets)]
}

/** Splits `NAME=value` entries. A secret is empty in a fork's run; it is left out with a warning. */
function pairs(entries: readonly string[], input: InputName, findings: Findings): Pair[] {
  return entries.flatMap((entry, place): Pair[] => {
    const equals = entry.indexOf('=')
    const id = entry.slice(0, Math.max(equals, 0)).trim()
    const value = entry.slice(equals + 1)
    if (id === '') findings.problems.push(noName(input, place + 1))
    else if (value === '') findings.warnings.push(`\`${input}\` gives \`${id}\` no value; it is left out.`)
    else return [[id, value]]
    return []
  })
}

/** Reports an entry by its place: its text is or holds the secret. */
const noName = (input: InputName, place: number) => ({
  input,
  cause: `Entry ${place} of \`${input}\` has no name.`,
  remedy:
    'Write `NAME=value`; put a value of several lines in quotes, with the name inside: `"NAME=first\nsecond"`.',
})

/** Adds the git token, scoped to its host so that the builder offers it to no other (BuildKit, source/git). */
function gitToken(token: string, fetched: Fetched, secrets: readonly Secret[]): Secret[] {
  const host = URL.canParse(fetched.serverUrl) ? new URL(fetched.serverUrl).host : ''
  const id = `GIT_AUTH_TOKEN.${host}`
  const given = secrets.some(secret => secret.id === 'GIT_AUTH_TOKEN' || secret.id === id)
  if (token === '' || host === '' || given || !needsToken(fetched)) return []
  return [{ kind: 'value', id, value: token }]
}

function needsToken({ source, buildContexts, serverUrl }: Fetched): boolean {
  const own = (url: string) => url.startsWith(`${serverUrl}/`)
  return (
    source.kind === 'commit' ||
    (source.kind === 'remote' && own(source.url)) ||
    buildContexts.some(
      entry => /\{\{\s*defaultContext\s*\}\}/.test(entry) || entry.includes(`=${serverUrl}/`),
    )
  )
}

/** The file of a secret in a directory of the run's own. */
const secretFile = (directory: string, place: number): string => join(directory, `secret-${place}`)

/** Returns what `--secret` takes, one each. */
export const secretArguments = (secrets: readonly Secret[], directory: string): string[] =>
  secrets.map((secret, place) =>
    secret.kind === 'variable'
      ? `id=${secret.id},env=${secret.variable}`
      : `id=${secret.id},src=${secretFile(directory, place)}`,
  )

/**
 * Writes the secrets where the command will look for them, each in a file of its own (0600), and gives their values
 * for masking. A copy is taken of files too: the build then sees what was there when it began, also on a retry.
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
    contents.map((content, place) =>
      content === undefined ? undefined : writeFile(secretFile(directory, place), content, { mode: 0o600 }),
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
      cause: `\`secret-files\` names \`${secret.path}\` for \`${secret.id}\`, which cannot be read.`,
      remedy: 'Give the path of a file that an earlier step has made.',
    })
    return undefined
  })
}
