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

/** What may need a token to be fetched. */
export interface Fetched {
  readonly source: Source
  readonly buildContexts: readonly string[]
  /** The forge that the run's own token is for. */
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

/** A secret that a fork does not get is empty, and must not make the run red: it is left out, with a word. */
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

/** The entry itself is never shown: it is, or holds, the secret. */
const noName = (input: InputName, place: number) => ({
  input,
  cause: `Entry ${place} of \`${input}\` has no name.`,
  remedy:
    'Write `NAME=value`; put a value of several lines in quotes, with the name inside: `"NAME=first\nsecond"`.',
})

/** Scoped to the host, so that the builder never offers the token to another one (BuildKit, source/git). */
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
