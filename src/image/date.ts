import { composed, tokens } from './date-tokens.ts'
import { TemplateError } from './template.ts'
import { type WallClock, wallClock } from './time-zone.ts'

const longest = Math.max(...Object.keys(tokens).map(name => name.length))

/**
 * Renders a date by moment's format, as `{{date 'YYYYMMDD' tz='Asia/Tokyo'}}` does in docker/metadata-action.
 * Throws a {@link TemplateError} for a zone that there is not, and for the name of a zone other than UTC.
 */
export function formatDate(instant: Date, format: string, zone: string): string {
  const clock = wallClock(instant, zone)
  if (clock === undefined) throw new TemplateError(`names the time zone \`${zone}\`, which there is not`)
  const usual = clock.utc ? 'YYYY-MM-DDTHH:mm:ss[Z]' : 'YYYY-MM-DDTHH:mm:ssZ'
  let text = ''
  for (let rest = expand(format === '' ? usual : format); rest !== ''; ) {
    const [used, said] = next(clock, rest)
    text += said
    rest = rest.slice(used)
  }
  return text
}

/** Puts `LT`, `LL` and the like in full, before anything is read: the letters around them may join with theirs. */
const expand = (format: string): string =>
  format.replace(/\[[^[]*?\]|\\?(?:LTS|LT|L{1,4}|l{1,4})/g, found => composed[found] ?? found)

/** How much of the format the next piece is, and what it says: `[text]`, `\x`, the longest token, or a letter. */
function next(clock: WallClock, rest: string): readonly [number, string] {
  const [literal, inner] = /^\[([^[]*?)\]/.exec(rest) ?? []
  if (literal !== undefined) return [literal.length, inner ?? '']
  if (rest.startsWith('\\') && rest.length > 1) {
    const name = tokenAt(rest.slice(1)) ?? rest.charAt(1)
    return [name.length + 1, name]
  }
  const name = tokenAt(rest)
  if (name === undefined) return zoneName(clock, rest) ?? [1, rest.charAt(0)]
  return [name.length, tokens[name]?.(clock) ?? '']
}

/** Intl has no abbreviations for the zones of most of the world (`CET`, `JST`). */
function zoneName(clock: WallClock, rest: string): readonly [number, string] | undefined {
  const [token] = /^zz?/.exec(rest) ?? []
  if (token === undefined) return undefined
  if (clock.utc) return [token.length, 'UTC']
  throw new TemplateError(
    `has a date with \`${token}\`, the name of a time zone, which is known of UTC alone`,
    'Write `Z` for its offset.',
  )
}

function tokenAt(rest: string): string | undefined {
  for (let length = Math.min(longest, rest.length); length > 0; length--) {
    const name = rest.slice(0, length)
    if (Object.hasOwn(tokens, name)) return name
  }
  return undefined
}
