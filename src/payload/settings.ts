import type { Findings } from '../core/findings.ts'

/** A variable of the project's env file. The value is a secret. */
export interface Setting {
  readonly name: string
  readonly value: string
}

/**
 * Reads lines of `NAME=value`, or `NAME<<EOF` with the value on the lines up to `EOF`: as the runner reads its own
 * files of variables. Quotes in a value are not special. Of a line, messages quote the name alone: the value may be a
 * secret.
 */
export function parseSettings(text: string, findings: Findings): Setting[] {
  const rest = text.match(/[^\n]*\n|[^\n]+/g) ?? []
  const settings = new Map<string, string>()
  for (let number = 1; rest.length > 0; number += 1) {
    const line = bare(rest.shift())
    const before = rest.length
    if (line.trim() === '' || line.trimStart().startsWith('#')) continue
    const setting = readOne(line, rest)
    if (typeof setting === 'string') findings.problems.push(unreadable(number, setting))
    else if (settings.has(setting.name)) findings.problems.push(twice(setting.name))
    else settings.set(setting.name, setting.value)
    number += before - rest.length
  }
  return [...settings].map(([name, value]) => ({ name, value }))
}

/** A line without its end, which a value of several lines keeps between them as it is. */
const bare = (line = ''): string => line.replace(/\r?\n$/, '')

/** Reads the lines of a multi-line value. Returns the value, or a string that describes the fault. */
function readOne(line: string, rest: string[]): Setting | string {
  const [, name = '', operator, text = ''] = /^\s*([A-Za-z_][A-Za-z0-9_]*)(=|<<)(.*)$/.exec(line) ?? []
  if (operator === undefined) return 'it is neither `NAME=value` nor `NAME<<EOF`'
  if (text.includes('\0')) return `the value of \`${name}\` holds a NUL`
  if (operator === '=') return { name, value: text }
  const end = rest.findIndex(line => bare(line) === text.trim())
  if (text.trim() === '') return `\`${name}<<\` names no word that ends the value`
  if (end < 0) return `the value of \`${name}\` is not ended by a line \`${text.trim()}\``
  return {
    name,
    value: bare(
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
    'Write `NAME=value` on a line of its own; a value of several lines as `NAME<<EOF`, its lines, `EOF`.',
})

const twice = (name: string) => ({
  input: 'env' as const,
  cause: `\`env\` sets \`${name}\` twice.`,
  remedy: 'Remove one of them.',
})
