import type { Outcome } from '../core/command.ts'
import { rules, step } from './rules.ts'

/** What a failed docker command tells of. */
export interface Diagnosis {
  readonly kind: Kind
  /** What went wrong, in a sentence. */
  readonly cause: string
  readonly remedy?: string
}

export type Kind =
  /** Nothing that the user wrote is to blame, and it may pass. */
  | 'transient'
  | 'denied'
  | 'rate-limit'
  | 'not-found'
  | 'unknown-host'
  | 'certificate'
  | 'plain-http'
  | 'out-of-memory'
  | 'disk-full'
  | 'emulator'
  | 'dockerfile'
  | 'unsupported'
  | 'unknown'

/**
 * Judges a command that did not end well by its exit code and by what it said last. What a RUN step printed on its
 * way counts only where the error is that step's: an `npm install` that lost its connection is no lost push.
 */
export function diagnose({ code, stdout, stderr }: Outcome): Diagnosis {
  const output = `${stdout}\n${stderr}`
  const error = lastError(output)
  const printed = { error, output, step: error.includes(step) ? output : error }
  const found = rules.find(({ pattern, within = 'error' }) => pattern.test(printed[within]))
  if (found !== undefined) {
    const { kind, cause, remedy } = found
    const sentence = cause.replace('{error}', () => brief(error))
    return { kind, cause: sentence, ...(remedy === undefined ? {} : { remedy }) }
  }
  if (code === 137) return killed
  const ended = code === null ? 'was ended before it was done' : `failed with exit code ${code}`
  const said = brief(error)
  return { kind: 'unknown', cause: said === '.' ? `docker ${ended}.` : `docker ${ended}: ${said}` }
}

const killed: Diagnosis = {
  kind: 'out-of-memory',
  cause: 'docker was killed (exit code 137): most likely the runner ran out of memory.',
  remedy: 'Let the build use less memory at once, or take a larger runner.',
}

/** The error as docker tells it at the end: from the last `ERROR:` on, else the last lines. */
export function lastError(output: string): string {
  const lines = output.trimEnd().split('\n')
  const start = lines.findLastIndex(line =>
    /^(?:ERROR: |Error(?: response from daemon)?: |error: )/.test(line),
  )
  return start === -1 ? lines.slice(-5).join('\n') : lines.slice(start).join('\n')
}

/** The first line of an error, without what every error begins with, as the end of a sentence. */
const brief = (error: string): string =>
  firstLine(error)
    .replace(/^(?:ERROR|Error|error)(?: response from daemon)?: /, '')
    .replace(/^(?:failed to (?:build|solve): )+/, '')
    // The state of an upload is long, and nobody's business.
    .replaceAll(/(https?:\/\/[^\s"?]+)\?[^\s"]+/g, '$1?…')
    .replace(/[.\s]*$/, '.')

/** What git said begins on the next line. */
function firstLine(error: string): string {
  const [first = '', ...rest] = error.split('\n')
  const fatal = rest.find(line => /^(?:fatal|remote|error): /.test(line)) ?? rest[0]
  return first.trimEnd().endsWith('git stderr:') && fatal !== undefined
    ? `${first.trimEnd()} ${fatal}`
    : first
}
