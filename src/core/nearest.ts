/** The name that is fewest edits away, if it is near enough to be meant; or the one that it is the beginning of. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const spelt = plain(name)
  const begun = names.filter(candidate => spelt.length > 3 && plain(candidate).startsWith(spelt))
  if (begun.length === 1 && !names.some(candidate => plain(candidate) === spelt)) return begun[0]
  const limit = Math.max(1, Math.floor(spelt.length / 3))
  const [best] = names
    .map(candidate => ({ candidate, distance: editDistance(spelt, plain(candidate)) }))
    .filter(({ distance }) => distance <= limit)
    .sort((one, other) => one.distance - other.distance)
  return best?.candidate
}

const plain = (name: string): string => name.toLowerCase().replaceAll('_', '-')

/** Insertions, deletions, replacements and swaps of neighbours that make one text of the other. */
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
