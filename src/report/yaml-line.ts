/**
 * The line (counted from 1) of the deepest key of a path that a YAML text in blocks has: `['services', 'web', 'ports',
 * '0']`. By its indentation alone: what is asked about may be no YAML. Undefined when not even the first is there.
 */
export function lineOfKey(text: string, path: readonly string[]): number | undefined {
  const lines = text.split('\n').map((line, index) => ({ ...parts(line), number: index + 1 }))
  let begin = 0
  let deeper = -1
  let found: number | undefined
  for (const key of path) {
    const block = blockOf(lines.slice(begin), deeper)
    const index = findKey(block, key)
    const line = block[index]
    if (line === undefined) return found
    found = line.number
    begin += index + 1
    deeper = line.indent
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

/** The lines that are deeper than their key; items of a list may stand right below it. */
function blockOf(lines: readonly Line[], deeper: number): readonly Line[] {
  const end = lines.findIndex(
    ({ indent, text }) => text !== '' && indent <= deeper && !(indent === deeper && text.startsWith('- ')),
  )
  return end === -1 ? lines : lines.slice(0, end)
}

/** Of the outermost lines of the block, the one with the key, or the item of that number. */
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
