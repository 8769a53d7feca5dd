import type { Findings } from '../core/findings.ts'
import type { InputName } from './inputs.ts'

/** Values of some inputs, by name. */
type Given = Readonly<Partial<Record<InputName, string>>>

/**
 * Parses a boolean as YAML 1.2 (https://yaml.org/spec/1.2.2/#10212-boolean) and the runner's toolkit do. Every boolean
 * in an input goes through this function.
 */
export function parseBoolean(text: string): boolean | undefined {
  if (/^(?:true|True|TRUE)$/.test(text)) return true
  return /^(?:false|False|FALSE)$/.test(text) ? false : undefined
}

/** Parses a boolean as Go does, for docker's attributes and the variables of Docker's actions. */
export function parseGoBoolean(text: string): boolean | undefined {
  if (/^(?:1|t|true)$/i.test(text.trim())) return true
  return /^(?:0|f|false)$/i.test(text.trim()) ? false : undefined
}

/** Parses a boolean input (YAML 1.2 core: `true`, `True`, `TRUE`, …); returns the fallback if it is not valid. */
export function boolean(inputs: Given, input: InputName, findings: Findings, fallback: boolean): boolean {
  const text = inputs[input] ?? ''
  if (text === '') return fallback
  const value = parseBoolean(text)
  if (value !== undefined) return value
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${text}\`, which is neither true nor false.`,
    remedy: 'Write `true` or `false`.',
  })
  return fallback
}

interface Bounds {
  readonly fallback: number
  /** Default: 0. */
  readonly min?: number
  readonly max?: number
}

/** Parses an input that is a whole number within bounds. */
export function integer(inputs: Given, input: InputName, findings: Findings, bounds: Bounds): number {
  const text = inputs[input] ?? ''
  if (text === '') return bounds.fallback
  if (/^[+-]?[0-9]+$/.test(text)) return bounded(Number(text), text, input, findings, bounds)
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${text}\`, which is not a whole number.`,
    remedy: 'Write only digits.',
  })
  return bounds.fallback
}

const unit: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600 }

/** Parses an input that is a duration (`120`, `90s`, `2m`, `1h30m`) into seconds. The bounds are in seconds, too. */
export function seconds(inputs: Given, input: InputName, findings: Findings, bounds: Bounds): number {
  const text = inputs[input] ?? ''
  if (text === '') return bounds.fallback
  if (/^[0-9]+$|^(?=[0-9])(?:[0-9]+h)?(?:[0-9]+m)?(?:[0-9]+s)?$/.test(text)) {
    const total = [...text.matchAll(/([0-9]+)([hms]?)/g)].reduce(
      (sum, [, count, name = '']) => sum + Number(count) * (unit[name] ?? 1),
      0,
    )
    return bounded(total, text, input, findings, bounds)
  }
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${text}\`, which is not a duration.`,
    remedy: 'Write seconds (`120`), or a number with its unit (`90s`, `2m`, `1h30m`).',
  })
  return bounds.fallback
}

function bounded(value: number, text: string, input: InputName, findings: Findings, bounds: Bounds): number {
  const { min = 0, max = Number.MAX_SAFE_INTEGER, fallback } = bounds
  if (value >= min && value <= max) return value
  findings.problems.push({
    input,
    cause: `\`${input}\` is \`${text}\`, which is ${value < min ? `less than ${min}` : `more than ${max}`}.`,
    remedy: `Give ${max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `${min} to ${max}`}.`,
  })
  return fallback
}
