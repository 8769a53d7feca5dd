import { parse } from 'csv-parse/sync'
import { parseGoBoolean } from '../inputs/values.ts'

/**
 * Reads what docker's flags take as `type=registry,"ref=a,b"`: CSV cells of `key=value`, a key alone having an
 * empty value. Keys are lower case, as buildx reads them.
 */
export function attributes(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    cells(text).map(cell => {
      const equals = cell.indexOf('=')
      if (equals === -1) return [cell.trim().toLowerCase(), '']
      return [cell.slice(0, equals).trim().toLowerCase(), cell.slice(equals + 1).trim()]
    }),
  )
}

export const isTrue = (text: string): boolean => parseGoBoolean(text) === true
export const isBoolean = (text: string): boolean => parseGoBoolean(text) !== undefined

function cells(text: string): string[] {
  if (!text.includes('"')) return text.split(',')
  try {
    return (parse(text, { relax_quotes: true, relax_column_count: true }) as string[][])[0] ?? []
  } catch {
    return text.split(',') // what is no CSV is buildx's to refuse, with its own words
  }
}
