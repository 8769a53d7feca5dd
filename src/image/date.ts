import { TemplateError } from './template.ts'

/** An instant, with the wall clock of a time zone at that instant. */
interface WallClock {
  readonly instant: Date
  /** A date whose UTC fields hold the fields of the wall clock. */
  readonly local: Date
  /** The offset from UTC in minutes; positive if the wall clock is ahead. */
  readonly offset: number
  readonly utc: boolean
}

/** Returns the wall clock of a time zone (`Asia/Tokyo`); undefined if the zone does not exist. */
function wallClock(instant: Date, zone: string): WallClock | undefined {
  // The first use of Intl takes about 12 ms, and most dates are in UTC.
  if (/^(?:Etc\/)?UTC$/i.test(zone)) return { instant, local: instant, offset: 0, utc: true }
  const local = localDate(instant, zone)
  if (local === undefined) return undefined
  const seconds = Math.floor(instant.getTime() / 1000) * 1000
  return { instant, local, offset: Math.round((wholeSeconds(local) - seconds) / 60_000), utc: false }
}

const wholeSeconds = (date: Date): number => Math.floor(date.getTime() / 1000) * 1000

function localDate(instant: Date, timeZone: string): Date | undefined {
  const fields = clockFields(instant, timeZone)
  if (fields === undefined) return undefined
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second, instant.getUTCMilliseconds()))
}

function clockFields(instant: Date, timeZone: string): Record<string, number> | undefined {
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    return Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const months = 'January February March April May June July August September October November December'.split(
  ' ',
)
const weekdays = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')
const day = 86_400_000

const pad = (value: number, length: number): string => String(value).padStart(length, '0')

function ordinal(value: number): string {
  const teens = value % 100 >= 11 && value % 100 <= 13
  return value + (teens ? 'th' : (['th', 'st', 'nd', 'rd'][value % 10] ?? 'th'))
}

const year = ({ local }: WallClock): number => local.getUTCFullYear()
const month = ({ local }: WallClock): number => local.getUTCMonth()
const date = ({ local }: WallClock): number => local.getUTCDate()
const weekday = ({ local }: WallClock): number => local.getUTCDay()
const hour = ({ local }: WallClock): number => local.getUTCHours()
const hour12 = (clock: WallClock): number => hour(clock) % 12 || 12
const hour24 = (clock: WallClock): number => hour(clock) || 24
const minute = ({ local }: WallClock): number => local.getUTCMinutes()
const second = ({ local }: WallClock): number => local.getUTCSeconds()
const quarter = (clock: WallClock): number => Math.floor(month(clock) / 3) + 1
const dayOfYear = (clock: WallClock): number =>
  Math.floor((clock.local.getTime() - Date.UTC(year(clock), 0, 1)) / day) + 1

/**
 * Returns the year and the number of the week. A week belongs to the year of its Thursday (ISO) or of its Saturday
 * (United States).
 */
function week({ local }: WallClock, mondayFirst: boolean): { year: number; number: number } {
  const inWeek = mondayFirst ? (local.getUTCDay() + 6) % 7 : local.getUTCDay()
  const decisive = new Date(local.getTime() + ((mondayFirst ? 3 : 6) - inWeek) * day)
  const first = Date.UTC(decisive.getUTCFullYear(), 0, 1)
  return { year: decisive.getUTCFullYear(), number: Math.floor((decisive.getTime() - first) / day / 7) + 1 }
}

function offset({ offset: minutes }: WallClock, separator: string): string {
  const absolute = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(absolute / 60), 2)}${separator}${pad(absolute % 60, 2)}`
}

type Token = (clock: WallClock) => string

/** Returns three tokens for a number: `x` unpadded, `xx` with two digits, `xo` as an ordinal. */
const numbers = (name: string, value: (clock: WallClock) => number): Record<string, Token> => ({
  [name]: clock => String(value(clock)),
  [name + name]: clock => pad(value(clock), 2),
  [`${name}o`]: clock => ordinal(value(clock)),
})

const fractions = Object.fromEntries(
  [1, 2, 3, 4, 5, 6, 7, 8, 9].map(digits => [
    'S'.repeat(digits),
    ({ local }: WallClock) => pad(local.getUTCMilliseconds(), 3).padEnd(9, '0').slice(0, digits),
  ]),
)

/** moment's tokens in English (https://momentjs.com/docs/#/displaying/format/), except the names of time zones. */
const tokens: Readonly<Record<string, Token>> = {
  ...numbers('M', clock => month(clock) + 1),
  MMM: clock => (months[month(clock)] ?? '').slice(0, 3),
  MMMM: clock => months[month(clock)] ?? '',
  Q: clock => String(quarter(clock)),
  Qo: clock => ordinal(quarter(clock)),
  ...numbers('D', date),
  DDD: clock => String(dayOfYear(clock)),
  DDDo: clock => ordinal(dayOfYear(clock)),
  DDDD: clock => pad(dayOfYear(clock), 3),
  d: clock => String(weekday(clock)),
  do: clock => ordinal(weekday(clock)),
  dd: clock => (weekdays[weekday(clock)] ?? '').slice(0, 2),
  ddd: clock => (weekdays[weekday(clock)] ?? '').slice(0, 3),
  dddd: clock => weekdays[weekday(clock)] ?? '',
  e: clock => String(weekday(clock)),
  E: clock => String(weekday(clock) || 7),
  ...numbers('w', clock => week(clock, false).number),
  ...numbers('W', clock => week(clock, true).number),
  Y: clock => String(year(clock)),
  YY: clock => pad(year(clock) % 100, 2),
  YYYY: clock => pad(year(clock), 4),
  YYYYY: clock => pad(year(clock), 5),
  YYYYYY: clock => `+${pad(year(clock), 6)}`,
  // The year within the era; every date here is AD.
  y: clock => String(year(clock)),
  yo: clock => ordinal(year(clock)),
  yy: clock => pad(year(clock), 2),
  yyy: clock => pad(year(clock), 3),
  yyyy: clock => pad(year(clock), 4),
  N: () => 'AD',
  NN: () => 'AD',
  NNN: () => 'AD',
  NNNN: () => 'Anno Domini',
  NNNNN: () => 'AD',
  gg: clock => pad(week(clock, false).year % 100, 2),
  gggg: clock => pad(week(clock, false).year, 4),
  ggggg: clock => pad(week(clock, false).year, 5),
  GG: clock => pad(week(clock, true).year % 100, 2),
  GGGG: clock => pad(week(clock, true).year, 4),
  GGGGG: clock => pad(week(clock, true).year, 5),
  a: clock => (hour(clock) < 12 ? 'am' : 'pm'),
  A: clock => (hour(clock) < 12 ? 'AM' : 'PM'),
  H: clock => String(hour(clock)),
  HH: clock => pad(hour(clock), 2),
  h: clock => String(hour12(clock)),
  hh: clock => pad(hour12(clock), 2),
  k: clock => String(hour24(clock)),
  kk: clock => pad(hour24(clock), 2),
  m: clock => String(minute(clock)),
  mm: clock => pad(minute(clock), 2),
  s: clock => String(second(clock)),
  ss: clock => pad(second(clock), 2),
  hmm: clock => hour12(clock) + pad(minute(clock), 2),
  hmmss: clock => hour12(clock) + pad(minute(clock), 2) + pad(second(clock), 2),
  Hmm: clock => hour(clock) + pad(minute(clock), 2),
  Hmmss: clock => hour(clock) + pad(minute(clock), 2) + pad(second(clock), 2),
  ...fractions,
  Z: clock => offset(clock, ':'),
  ZZ: clock => offset(clock, ''),
  X: ({ instant }) => String(Math.floor(instant.getTime() / 1000)),
  x: ({ instant }) => String(instant.getTime()),
}

/** Tokens that are abbreviations of a longer format. */
const composed: Readonly<Record<string, string>> = {
  LT: 'h:mm A',
  LTS: 'h:mm:ss A',
  L: 'MM/DD/YYYY',
  LL: 'MMMM D, YYYY',
  LLL: 'MMMM D, YYYY h:mm A',
  LLLL: 'dddd, MMMM D, YYYY h:mm A',
  l: 'M/D/YYYY',
  ll: 'MMM D, YYYY',
  lll: 'MMM D, YYYY h:mm A',
  llll: 'ddd, MMM D, YYYY h:mm A',
}

const longest = Math.max(...Object.keys(tokens).map(name => name.length))

/**
 * Renders a date in moment's format, as `{{date 'YYYYMMDD' tz='Asia/Tokyo'}}` does in docker/metadata-action.
 * Throws a {@link TemplateError} for an unknown zone, and for the tokens `z` and `zz` in a zone other than UTC.
 */
export function formatDate(instant: Date, format: string, zone: string): string {
  const clock = wallClock(instant, zone)
  if (clock === undefined) throw new TemplateError(`names the time zone \`${zone}\`, which does not exist`)
  const defaultFormat = clock.utc ? 'YYYY-MM-DDTHH:mm:ss[Z]' : 'YYYY-MM-DDTHH:mm:ssZ'
  let text = ''
  for (let rest = expand(format === '' ? defaultFormat : format); rest !== ''; ) {
    const [length, rendered] = next(clock, rest)
    text += rendered
    rest = rest.slice(length)
  }
  return text
}

/**
 * Expands `LT`, `LL` and the like before the other tokens, as moment does: neighbouring letters may form new tokens.
 */
const expand = (format: string): string =>
  format.replace(/\[[^[]*?\]|\\?(?:LTS|LT|L{1,4}|l{1,4})/g, name => composed[name] ?? name)

/**
 * Returns the length of the next part of the format and its text. A part is `[text]`, `\x`, the longest token or a
 * letter.
 */
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

/** Renders `z` and `zz`, in UTC only: Intl lacks the abbreviations of most time zones (`CET`, `JST`). */
function zoneName(clock: WallClock, rest: string): readonly [number, string] | undefined {
  const [token] = /^zz?/.exec(rest) ?? []
  if (token === undefined) return undefined
  if (clock.utc) return [token.length, 'UTC']
  throw new TemplateError(
    `has a date with \`${token}\`, which Slipway supports only in UTC`,
    'Write `Z` for the offset of the time zone.',
  )
}

function tokenAt(rest: string): string | undefined {
  for (let length = Math.min(longest, rest.length); length > 0; length--) {
    const name = rest.slice(0, length)
    if (Object.hasOwn(tokens, name)) return name
  }
  return undefined
}
