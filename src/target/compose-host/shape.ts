import { Failure } from '../../core/errors.ts'
import { parseJson } from '../../core/json.ts'
import type { Answer } from './answer.ts'

/** Tells whether a value from the server has the expected form. */
export type Check = (value: unknown) => boolean

/** A check for each field of an object; fields that nothing is asked of are not read. */
export type Shape<T> = { readonly [Field in keyof T]-?: Check }

/** Text on one line, for people: paths, names that others chose. */
export const line: Check = value =>
  typeof value === 'string' && value.length <= 4096 && !/\p{Cc}/u.test(value)

export const matching =
  (pattern: RegExp): Check =>
  value =>
    typeof value === 'string' && pattern.test(value)

export const optional =
  (check: Check): Check =>
  value =>
    value === null || value === undefined || check(value)

export const listOf =
  (check: Check): Check =>
  value =>
    Array.isArray(value) && value.every(check)

export const recordOf =
  (check: Check): Check =>
  value =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(check)

export const integer: Check = value => Number.isSafeInteger(value)
export const yesOrNo: Check = value => typeof value === 'boolean'

/** The ID of an image; some engines leave the name of the hash out. */
export const imageId = matching(/^(?:sha256:)?[0-9a-f]{64}$/)

/** Reads the lines of a section as JSON objects of one shape; throws a Failure at the first that is none. */
export function readObjects<T>(answer: Answer, section: string, shape: Shape<T>): T[] {
  return answer.lines(section).map(text => {
    const value = parseJson(text)
    if (!recordOf(() => true)(value)) throw distrust(section, text)
    const fields = value as Record<string, unknown>
    for (const [field, check] of Object.entries<Check>(shape))
      if (!check(fields[field]))
        throw distrust(`${section}.${field}`, JSON.stringify(fields[field]) ?? 'nothing')
    return value as T
  })
}

/** Reads the text of a section; throws a Failure if it does not have the expected form. */
export function readText(answer: Answer, section: string, check: Check): string {
  const text = answer.text(section)
  if (!check(text)) throw distrust(section, text)
  return text
}

/** Nothing that such a server says can be used: something else answers than the programs that were asked. */
export function distrust(what: string, given: string): Failure {
  const text = given.replaceAll(/[\p{C}`]/gu, '?')
  return new Failure('preflight', {
    cause: `The answer of the server cannot be used: it gives \`${what}\` as \`${text.length > 100 ? `${text.slice(0, 100)}…` : text}\`.`,
    remedy:
      'Look at what answers there in the place of `docker` and `sh` (`command -v docker`, a forced command in ' +
      'authorized_keys), and run the job again.',
  })
}
