/**
 * Returns the candidate that a misspelt name most likely means: the only one that begins with it (from four characters
 * on), else the one with the fewest edits, up to a third of the length. Undefined if none is near enough.
 */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const given = normalize(name)
  const completions = names.filter(candidate => given.length > 3 && normalize(candidate).startsWith(given))
  if (completions.length === 1 && !names.some(candidate => normalize(candidate) === given))
    return completions[0]
  const limit = Math.max(1, Math.floor(given.length / 3))
  const [best] = names
    .map(candidate => ({ candidate, distance: editDistance(given, normalize(candidate)) }))
    .filter(({ distance }) => distance <= limit)
    .sort((one, other) => one.distance - other.distance)
  return best?.candidate
}

const normalize = (name: string): string => name.toLowerCase().replaceAll('_', '-')

/**
 * Counts the insertions, deletions, replacements and swaps of adjacent characters that turn one text into the other.
 */
function editDistance(from: string, to: string): number {
  let before: number[] = []
  let above = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1]
      const swapped =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current[column] = Math.min(
        cell(above, column) + 1,
        cell(current, column - 1) + 1,
        cell(above, column - 1) + (same ? 0 : 1),
        swapped ? cell(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    before = above
    above = current
  }
  return cell(above, to.length)
}

const cell = (row: readonly number[], column: number): number => row[column] ?? Number.POSITIVE_INFINITY
