/**
 * Returns the line (counted from 1) of the deepest key on a path (`['services', 'web', 'ports', '0']`) that exists in a
 * YAML text in block style; undefined if not even the first key exists. Looks only at the indentation, because the text
 * may not be valid YAML.
 */
export function lineOfKey(text: string, path: readonly string[]): number | undefined {
  const lines = text.split('\n').map((line, index) => ({ ...parts(line), number: index + 1 }))
  let begin = 0
  let parentIndent = -1
  let found: number | undefined
  for (const key of path) {
    const block = blockOf(lines.slice(begin), parentIndent)
    const index = findKey(block, key)
    const line = block[index]
    if (line === undefined) return found
    found = line.number
    begin += index + 1
    parentIndent = line.indent
  }
  return found
}

interface Line {
  readonly indent: number
  readonly text: string
  readonly number: number
}

function parts(line: string): Omit<Line, 'number'> {
  const [, blank = '', text = ''] = /^( *)(.*)$/.exec(line) ?? []
  return { indent: blank.length, text: text.startsWith('#') ? '' : text }
}

/** Returns the lines below a key: those with a deeper indent, and list items with the same indent. */
function blockOf(lines: readonly Line[], parentIndent: number): readonly Line[] {
  const end = lines.findIndex(
    ({ indent, text }) =>
      text !== '' && indent <= parentIndent && !(indent === parentIndent && text.startsWith('- ')),
  )
  return end === -1 ? lines : lines.slice(0, end)
}

/** Returns the index of the block's outermost line with the key, or of the list item with that number; -1 without. */
function findKey(block: readonly Line[], key: string): number {
  const outer = Math.min(...block.filter(({ text }) => text !== '').map(({ indent }) => indent))
  let item = -1
  return block.findIndex(({ indent, text }) => {
    if (indent !== outer) return false
    if (text.startsWith('- ')) item += 1
    return text.startsWith('- ')
      ? key === String(item)
      : [key, `'${key}'`, `"${key}"`].some(name => text.startsWith(`${name}:`))
  })
}
