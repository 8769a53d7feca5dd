/** Measured values of one subject, one per round: durations in milliseconds, or ratios of them. */
export type Samples = readonly number[]

export interface Subject {
  readonly name: string
  /** Runs once. Returns the duration in milliseconds. */
  readonly once: () => number | Promise<number>
}

/**
 * Runs all subjects in turn, round by round, so that changes in the machine's load affect them equally. A first round,
 * which warms the caches, is not counted. After `seconds` there are no further rounds once three are done.
 */
export async function inTurn(
  subjects: readonly Subject[],
  rounds: number,
  seconds = Number.POSITIVE_INFINITY,
): Promise<Map<string, number[]>> {
  const began = performance.now()
  const taken = new Map(subjects.map(({ name }) => [name, [] as number[]]))
  for (let round = -1; round < rounds; round++) {
    if (round >= 3 && performance.now() - began > seconds * 1000) break
    for (const { name, once } of subjects) {
      const milliseconds = await once()
      if (round >= 0) taken.get(name)?.push(milliseconds)
    }
  }
  return taken
}

/** Returns the quantile of the samples for a fraction from 0 to 1. */
export function quantile(samples: Samples, part: number): number {
  const sorted = samples.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

/** Returns the difference of each round. */
export const differences = (samples: Samples, base: Samples): number[] =>
  samples.map((value, round) => value - (base[round] ?? Number.NaN))

/** Returns the ratio of each round. */
export const ratios = (samples: Samples, base: Samples): number[] =>
  samples.map((value, round) => value / (base[round] ?? Number.NaN))

/** Returns the median and the quartiles as `1.23 (1.18 to 1.31)`. */
export function spread(samples: Samples, digits: number, unit = ''): string {
  const [low, middle, high] = [0.25, 0.5, 0.75].map(part => quantile(samples, part).toFixed(digits))
  return `${middle}${unit} (${low} to ${high})`
}

/** Returns a Markdown table. The first row is its header. */
export function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows
  return [head, head.map(() => '---'), ...body].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}
