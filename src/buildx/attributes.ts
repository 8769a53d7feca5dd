import { parse } from 'csv-parse/sync'
import { parseGoBoolean } from '../inputs/values.ts'

/**
 * Parses the value of a docker flag such as `type=registry,"ref=a,b"`: CSV fields of the form `key=value`. A key
 * without `=` gets an empty value. Keys are converted to lower case, as in buildx.
 */
export function attributes(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    fields(text).map(field => {
      const equals = field.indexOf('=')
      if (equals === -1) return [field.trim().toLowerCase(), '']
      return [field.slice(0, equals).trim().toLowerCase(), field.slice(equals + 1).trim()]
    }),
  )
}

export const isTrue = (text: string): boolean => parseGoBoolean(text) === true
export const isBoolean = (text: string): boolean => parseGoBoolean(text) !== undefined

function fields(text: string): string[] {
  if (!text.includes('"')) return text.split(',')
  try {
    return (parse(text, { relax_quotes: true, relax_column_count: true }) as string[][])[0] ?? []
  } catch {
    return text.split(',') // invalid CSV: buildx reports the error
  }
}
