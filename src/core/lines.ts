import { StringDecoder } from 'node:string_decoder'

/** The most characters of one line: a line may never end. */
const longest = 65_536

/**
 * Splits a stream of bytes into lines, and keeps characters whole that two chunks share. Scans each chunk once, as a
 * long line may come in many. Cuts a line after {@link longest} characters.
 */
export function lineSplitter(onLine: (line: string) => void) {
  const decoder = new StringDecoder('utf8')
  let pieces: string[] = []
  let length = 0
  const keep = (piece: string) => {
    const room = longest - length
    if (room > 0 && piece !== '') pieces.push(piece.length > room ? `${piece.slice(0, room)}…` : piece)
    length += piece.length
  }
  const endLine = (last: string) => {
    keep(last)
    const line = pieces.join('')
    pieces = []
    length = 0
    onLine(line.replace(/\r$/, ''))
  }
  const push = (text: string) => {
    const [first = '', ...more] = text.split('\n')
    const rest = more.pop()
    if (rest === undefined) return keep(first)
    endLine(first)
    more.forEach(endLine)
    keep(rest)
  }
  return {
    write: (chunk: Buffer) => push(decoder.write(chunk)),
    /** Passes on the last line, if it has no line break. */
    end() {
      push(decoder.end())
      if (length > 0) endLine('')
    },
  }
}
