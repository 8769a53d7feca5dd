import type { Findings } from '../core/findings.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { seconds } from '../inputs/values.ts'

/** The check of a public URL that decides whether a release is kept. */
export interface CheckPlan {
  readonly url: URL
  /** Inclusive ranges of HTTP status codes. */
  readonly status: readonly (readonly [number, number])[]
  /** A text that the response body must contain; empty: any body passes. */
  readonly contains: string
  /** In seconds. */
  readonly timeout: number
  /** The machine that sends the request: this one, or the server through the SSH connection. */
  readonly from: 'runner' | 'server'
  /** What the server does if the runner is lost before it reports the result. */
  readonly onLost: 'keep' | 'roll back'
}

/** Parses the inputs of the check; undefined without `check-url`. */
export function planCheck(inputs: Inputs, findings: Findings): CheckPlan | undefined {
  if (inputs['check-url'] === '') {
    for (const input of ['check-status', 'check-contains'] as const)
      if (inputs[input] !== '') findings.warnings.push(`\`${input}\` has no effect without \`check-url\`.`)
    return undefined
  }
  const url = parseUrl(inputs['check-url'], findings)
  return {
    url,
    status: ranges(inputs['check-status'] || '200-399', findings),
    contains: inputs['check-contains'],
    timeout: seconds(inputs, 'check-timeout', findings, { fallback: 60, min: 1, max: 3600 }),
    from: choice(inputs, 'check-from', ['runner', 'server'], findings),
    onLost: choice(inputs, 'check-on-lost', ['keep', 'roll back'], findings),
  }
}

function parseUrl(text: string, findings: Findings): URL {
  const url = URL.parse(text)
  if (url !== null && /^https?:$/.test(url.protocol)) {
    if (!isDecodable(url.username) || !isDecodable(url.password)) findings.problems.push(badLogin)
    return url
  }
  findings.problems.push({
    input: 'check-url',
    cause: `\`check-url\` is \`${text.replace(/\/\/[^/]*@/, '//…@')}\`, which is not an http or https URL.`,
    remedy: 'Write it in full: `https://app.example.com/health`.',
  })
  return new URL('http://localhost/')
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

const badLogin = {
  input: 'check-url' as const,
  cause: 'The user name or password in `check-url` has a `%` that begins no escape sequence.',
  remedy: 'Write `%25` for a percent sign.',
}

/** Returns the URL to show: without a user name and password. */
export function shownUrl({ url }: Pick<CheckPlan, 'url'>): string {
  const shown = new URL(url)
  shown.username = ''
  shown.password = ''
  return shown.href
}

function ranges(text: string, findings: Findings): [number, number][] {
  return text.split(/[\s,]+/).map(part => {
    const [, low, high = low] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(part) ?? []
    if (low === undefined)
      findings.problems.push({
        input: 'check-status',
        cause: `\`check-status\` has \`${part}\`, which is not an HTTP status.`,
        remedy: 'Write codes or ranges: `200`, `200-299`, `200,301`.',
      })
    return [Number(low ?? 0), Number(high ?? 0)]
  })
}

function choice<T extends string>(
  inputs: Inputs,
  input: 'check-from' | 'check-on-lost',
  choices: readonly [T, ...T[]],
  findings: Findings,
): T {
  const value = inputs[input] || choices[0]
  const chosen = choices.find(option => option === value)
  if (chosen !== undefined) return chosen
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${value}\`, which is not a valid value.`,
    remedy: `Write ${choices.map(option => `\`${option}\``).join(' or ')}.`,
  })
  return choices[0]
}
