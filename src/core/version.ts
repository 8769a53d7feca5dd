/** Reports whether a tool's version (`v0.29.1+ds1`, `28.5.2+dfsg4`, `1.0.0-rc1`) is at least the minimum (`0.22`). */
export function atLeast(version: string, minimum: string): boolean {
  const actual = numbers(version)
  for (const [index, required] of numbers(minimum).entries()) {
    const number = actual[index] ?? 0
    if (number !== required) return number > required
  }
  return true
}

const numbers = (version: string): number[] =>
  (/\d+(?:\.\d+)*/.exec(version)?.[0] ?? '0').split('.').map(Number)
