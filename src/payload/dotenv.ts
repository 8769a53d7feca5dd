import type { Setting } from './settings.ts'

/**
 * A line of an env file that Compose reads back as exactly the value; always one line, whatever the value holds.
 * Compose 2 resolves variables and escapes within double quotes (compose-go, dotenv). Compose 1 reads the file by
 * python-dotenv, which knows the escapes too, but resolves `${…}` in any quotes and has no escape for it; and which
 * takes a backslash before the closing quote for the quote's.
 */
export const envLine = ({ name, value }: Setting, v1: boolean): string =>
  `${name}=${plain.test(value) ? value : v1 ? quotedV1(value) : quoted(value)}`

/** Nothing in it is special to anyone. */
const plain = /^[A-Za-z0-9_./:@%+,-]*$/

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '"': '\\"', '\\': '\\\\' }

const escaped = (value: string): string => value.replaceAll(/[\n\r"\\]/g, char => escapes[char] ?? char)

const quoted = (value: string): string => `"${escaped(value).replaceAll('$', '\\$')}"`

/** `${:-x}` is a variable without a name, which is never set, and its default. */
function quotedV1(value: string): string {
  const inert = escaped(value).replaceAll('${', '${:-$}{')
  return `"${value.endsWith('\\') ? `${inert.slice(0, -2)}\${:-\\}` : inert}"`
}
