import { StringDecoder } from 'node:string_decoder'

/** The maximum length of one line in characters: a tool may write without ever ending the line. */
const maxLength = 65_536

/**
 * Splits a stream of bytes into lines. A character whose bytes are split across two chunks stays intact. Scans each
 * chunk only once, because a long line may arrive in many. Truncates a line after {@link maxLength} characters.
 */
export function lineSplitter(onLine: (line: string) => void) {
  const decoder = new StringDecoder('utf8')
  let pieces: string[] = []
  let length = 0
  const keep = (piece: string) => {
    const room = maxLength - length
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
    /** Emits the last line if it has no line break. */
    end() {
      push(decoder.end())
      if (length > 0) endLine('')
    },
  }
}
