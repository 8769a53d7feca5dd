/** How long the same thing took each time, in milliseconds, and what came of comparing two of them round by round. */
export type Samples = readonly number[]

export interface Subject {
  readonly name: string
  /** One repetition; gives its milliseconds. */
  readonly once: () => number | Promise<number>
}

/**
 * Repeats all of them in turn, so that each round meets the same machine: what else runs there comes and goes. A first
 * round that warms the caches is not counted. After so many seconds there are no more than three rounds.
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

/** The value that a part of the samples (0 to 1) does not exceed. */
export function quantile(samples: Samples, part: number): number {
  const sorted = samples.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

/** Each round's difference. */
export const differences = (samples: Samples, base: Samples): number[] =>
  samples.map((value, round) => value - (base[round] ?? Number.NaN))

/** Each round's ratio. */
export const ratios = (samples: Samples, base: Samples): number[] =>
  samples.map((value, round) => value / (base[round] ?? Number.NaN))

/** `1.23 (1.18 to 1.31)`: the median, and what half of the samples lie between. */
export function spread(samples: Samples, digits: number, unit = ''): string {
  const [low, middle, high] = [0.25, 0.5, 0.75].map(part => quantile(samples, part).toFixed(digits))
  return `${middle}${unit} (${low} to ${high})`
}

/** A table in Markdown; the first row is its head. */
export function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows
  return [head, head.map(() => '---'), ...body].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}
