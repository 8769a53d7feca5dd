/** A pseudorandom number generator. The same seed gives the same sequence. */
export interface Random {
  /** Returns an integer from 0 (inclusive) to `end` (exclusive). */
  below(end: number): number
  shuffled<T>(list: readonly T[]): T[]
}

/** Returns a generator that uses mulberry32, by Tommy Ettinger. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number): number => Math.floor(next() * end)
  return {
    below,
    shuffled: list =>
      list
        .map(item => ({ item, at: next() }))
        .sort((one, other) => one.at - other.at)
        .map(({ item }) => item),
  }
}
