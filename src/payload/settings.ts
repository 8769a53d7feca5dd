import type { Findings } from '../core/findings.ts'

/** A variable of the project's env file. The value is a secret. */
export interface Setting {
  readonly name: string
  readonly value: string
}

/**
 * Parses lines of `NAME=value`, or `NAME<<EOF` with the value on the lines up to `EOF`: the syntax of GITHUB_ENV.
 * Quotes in a value are not special. Problems quote only the name of a line, because its value may be a secret.
 */
export function parseSettings(text: string, findings: Findings): Setting[] {
  const rest = text.match(/[^\n]*\n|[^\n]+/g) ?? []
  const settings = new Map<string, string>()
  for (let number = 1; rest.length > 0; number += 1) {
    const line = withoutEnd(rest.shift())
    const before = rest.length
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue
    const setting = readOne(line, rest)
    if (typeof setting === 'string') findings.problems.push(unreadable(number, setting))
    else if (settings.has(setting.name)) findings.problems.push(setTwice(setting.name))
    else settings.set(setting.name, setting.value)
    number += before - rest.length
  }
  return [...settings].map(([name, value]) => ({ name, value }))
}

/** Removes the line end. (Between the lines of a multi-line value, line ends are kept as they are.) */
const withoutEnd = (line = ''): string => line.replace(/\r?\n$/, '')

/**
 * Parses a variable, and takes the lines of a multi-line value from `rest`. Returns a string that describes a
 * mistake.
 */
function readOne(line: string, rest: string[]): Setting | string {
  const [, name = '', operator, text = ''] = /^\s*([A-Za-z_][A-Za-z0-9_]*)(=|<<)(.*)$/s.exec(line) ?? []
  if (operator === undefined) return 'it is neither `NAME=value` nor `NAME<<EOF`'
  if (text.includes('\0')) return `the value of \`${name}\` holds a NUL`
  if (operator === '=') return { name, value: text }
  const end = rest.findIndex(line => withoutEnd(line) === text.trim())
  if (text.trim() === '') return `\`${name}<<\` has no delimiter`
  if (end < 0) return `the line \`${text.trim()}\` that ends the value of \`${name}\` is missing`
  return {
    name,
    value: withoutEnd(
      rest
        .splice(0, end + 1)
        .slice(0, -1)
        .join(''),
    ),
  }
}

const unreadable = (line: number, why: string) => ({
  input: 'env' as const,
  cause: `Line ${line} of \`env\` cannot be read: ${why}.`,
  remedy:
    'Write each variable as `NAME=value` on its own line. For a multi-line value, write `NAME<<EOF`, the lines of the value, and a line `EOF`.',
})

const setTwice = (name: string) => ({
  input: 'env' as const,
  cause: `\`env\` sets \`${name}\` twice.`,
  remedy: 'Remove one of them.',
})
