/** A moment as a clock in some time zone shows it. */
export interface WallClock {
  readonly instant: Date
  /** A date whose UTC fields are the fields of the wall clock. */
  readonly local: Date
  /** Minutes that the wall clock is ahead of UTC. */
  readonly offset: number
  readonly utc: boolean
}

/** The wall clock of a time zone (`Asia/Tokyo`), or `undefined` when there is no such zone. */
export function wallClock(instant: Date, zone: string): WallClock | undefined {
  // Intl costs some 12 ms at its first use, and most dates are in UTC.
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
