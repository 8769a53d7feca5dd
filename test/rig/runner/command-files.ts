/**
 * Parses a step's output, state or environment file: `name=value` lines, and `name<<delimiter` followed by the lines of
 * the value and the delimiter. Throws on anything else, as GitHub's runner fails the step.
 */
export function parseKeyValues(text: string): Map<string, string> {
  const values = new Map<string, string>()
  const lines = text.split('\n')
  while (lines.length > 0) {
    const line = lines.shift() ?? ''
    if (line === '') continue
    const equals = line.indexOf('=')
    const heredoc = line.indexOf('<<')
    if (heredoc >= 0 && (equals < 0 || heredoc < equals)) {
      values.set(...readHeredoc(line, heredoc, lines))
    } else if (equals > 0) {
      values.set(line.slice(0, equals), line.slice(equals + 1))
    } else {
      throw new Error(`Invalid format '${line}'`)
    }
  }
  return values
}

/** Parses a heredoc value and removes its lines from `lines`. */
function readHeredoc(line: string, at: number, lines: string[]): [string, string] {
  const name = line.slice(0, at)
  const delimiter = line.slice(at + 2)
  if (name === '' || delimiter === '') {
    throw new Error(`Invalid format '${line}'. Name must not be empty and delimiter must not be empty`)
  }
  const end = lines.indexOf(delimiter)
  if (end === -1) throw new Error(`Invalid value. Matching delimiter not found '${delimiter}'`)
  const value = lines.splice(0, end + 1).slice(0, end)
  return [name, value.join('\n')]
}

/** Parses the file of directories that a step added to PATH, one per line. */
export const parsePaths = (text: string): string[] => text.split('\n').filter(line => line !== '')
