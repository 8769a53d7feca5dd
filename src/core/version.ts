/** Returns whether a tool's version (`v0.29.1+ds1`, `28.5.2+dfsg4`, `1.0.0-rc1`) is at least the floor (`0.22`). */
export function atLeast(version: string, floor: string): boolean {
  const have = numbers(version)
  for (const [place, wanted] of numbers(floor).entries()) {
    const number = have[place] ?? 0
    if (number !== wanted) return number > wanted
  }
  return true
}

const numbers = (version: string): number[] =>
  (/\d+(?:\.\d+)*/.exec(version)?.[0] ?? '0').split('.').map(Number)
