import { composed, tokens } from './date-tokens.ts'
import { TemplateError } from './template.ts'
import { type WallClock, wallClock } from './time-zone.ts'

const longest = Math.max(...[...Object.keys(tokens), ...Object.keys(composed)].map(name => name.length))

/**
 * Renders a date by moment's format, as `{{date 'YYYYMMDD' tz='Asia/Tokyo'}}` does in docker/metadata-action.
 * Throws a {@link TemplateError} for a zone or a token that there is not.
 */
export function formatDate(instant: Date, format: string, zone: string): string {
  const clock = wallClock(instant, zone)
  if (clock === undefined) throw new TemplateError(`names the time zone \`${zone}\`, which there is not`)
  if (format === '') return formatClock(clock, clock.utc ? 'YYYY-MM-DDTHH:mm:ss[Z]' : 'YYYY-MM-DDTHH:mm:ssZ')
  return formatClock(clock, format)
}

function formatClock(clock: WallClock, format: string): string {
  let text = ''
  for (let rest = format; rest !== ''; ) {
    const [used, said] = next(clock, rest)
    text += said
    rest = rest.slice(used)
  }
  return text
}

/** How much of the format the next piece is, and what it says: `[text]`, `\\x`, the longest token, or a letter. */
function next(clock: WallClock, rest: string): readonly [number, string] {
  const [literal, inner] = /^\[([^[]*?)\]/.exec(rest) ?? []
  if (literal !== undefined) return [literal.length, inner ?? '']
  if (rest.startsWith('\\') && rest.length > 1) return escaped(rest)
  const name = tokenAt(rest)
  if (name === undefined) return abbreviation(clock, rest) ?? [1, rest.charAt(0)]
  return [name.length, tokens[name]?.(clock) ?? formatClock(clock, composed[name] ?? '')]
}

/** Intl has no abbreviations of zones for most of the world (`CET`, `JST`). */
function abbreviation(clock: WallClock, rest: string): readonly [number, string] | undefined {
  const [token] = /^zz?/.exec(rest) ?? []
  if (token === undefined) return undefined
  if (clock.utc) return [token.length, 'UTC']
  throw new TemplateError(
    `has a date with \`${token}\`, the name of a time zone, which is supported for UTC alone`,
  )
}

function escaped(rest: string): readonly [number, string] {
  const name = tokenAt(rest.slice(1)) ?? rest.charAt(1)
  return [name.length + 1, name]
}

function tokenAt(rest: string): string | undefined {
  for (let length = longest; length > 0; length--) {
    const name = rest.slice(0, length)
    if (name.length === length && (name in tokens || name in composed)) return name
  }
  return undefined
}
