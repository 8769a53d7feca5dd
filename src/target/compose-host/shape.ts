import { Failure } from '../../core/errors.ts'
import { parseJson } from '../../core/json.ts'
import type { Answer } from './answer.ts'

/** Reports whether a value from the server has the expected form. */
export type Check = (value: unknown) => boolean

/** A check for each field of an object; other fields are ignored. */
export type Shape<T> = { readonly [Field in keyof T]-?: Check }

/** Checks for one line of text of any content: paths, names that others chose. */
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

/** Checks for an image ID; some engines omit the `sha256:`. */
export const imageId = matching(/^(?:sha256:)?[0-9a-f]{64}$/)

/** Parses each line of a section as a JSON object of the shape; throws a Failure at the first that does not match. */
export function readObjects<T>(answer: Answer, section: string, shape: Shape<T>): T[] {
  return answer.lines(section).map(text => {
    const value = parseJson(text)
    if (!recordOf(() => true)(value)) throw invalidAnswer(section, text)
    const fields = value as Record<string, unknown>
    for (const [field, check] of Object.entries<Check>(shape))
      if (!check(fields[field]))
        throw invalidAnswer(`${section}.${field}`, JSON.stringify(fields[field]) ?? 'nothing')
    return value as T
  })
}

/** Returns the text of a section; throws a Failure if it does not have the expected form. */
export function readText(answer: Answer, section: string, check: Check): string {
  const text = answer.text(section)
  if (!check(text)) throw invalidAnswer(section, text)
  return text
}

/** Returns the Failure for an invalid answer: other programs than the expected ones answer on this server. */
export function invalidAnswer(what: string, given: string): Failure {
  const text = given.replaceAll(/[\p{C}`]/gu, '?')
  return new Failure('preflight', {
    cause: `The server gave an invalid answer: \`${what}\` is \`${text.length > 100 ? `${text.slice(0, 100)}…` : text}\`.`,
    remedy:
      'Check what runs there as `docker` and `sh` (`command -v docker`, a forced command in authorized_keys), then run ' +
      'the job again.',
  })
}
