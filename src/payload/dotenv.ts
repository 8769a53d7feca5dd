import type { Setting } from './settings.ts'

/**
 * Renders a variable as a line of an env file that Compose reads back as exactly its value. The result is always one
 * line, even if the value has several. Compose 2 resolves variables and escapes within double quotes (compose-go,
 * dotenv). Compose 1 reads the file with python-dotenv, which knows the same escapes, but resolves `${…}` within any
 * quotes and has no escape for it; it also takes a backslash before the closing quote as an escape of that quote.
 */
export const envLine = ({ name, value }: Setting, v1: boolean): string =>
  `${name}=${plain.test(value) ? value : v1 ? quotedV1(value) : quoted(value)}`

/** Values that need no quotes, as neither version of Compose treats any of these characters specially. */
const plain = /^[A-Za-z0-9_./:@%+,-]*$/

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '"': '\\"', '\\': '\\\\' }

const escaped = (value: string): string => value.replaceAll(/[\n\r"\\]/g, char => escapes[char] ?? char)

const quoted = (value: string): string => `"${escaped(value).replaceAll('$', '\\$')}"`

/**
 * Quotes a value for python-dotenv. `${:-x}` yields `x`: it is a variable with an empty name, which is never set, so
 * its default applies. This replaces the escapes that are missing for `$` and for a backslash at the end.
 */
function quotedV1(value: string): string {
  const literal = escaped(value).replaceAll('${', '${:-$}{')
  return `"${value.endsWith('\\') ? `${literal.slice(0, -2)}\${:-\\}` : literal}"`
}
