import { StringDecoder } from 'node:string_decoder'

/**
 * Cuts a stream of bytes into whole lines; a character that two chunks share is not broken. Only what is new is looked
 * through: a long line may come in many pieces.
 */
export function lineSplitter(onLine: (line: string) => void) {
  const decoder = new StringDecoder('utf8')
  let pieces: string[] = []
  const endLine = (last: string) => {
    const line = pieces.join('') + last
    pieces = []
    onLine(line.replace(/\r$/, ''))
  }
  const push = (text: string) => {
    const [first = '', ...more] = text.split('\n')
    const rest = more.pop()
    if (rest === undefined) return void pieces.push(first)
    endLine(first)
    more.forEach(endLine)
    pieces.push(rest)
  }
  return {
    write: (chunk: Buffer) => push(decoder.write(chunk)),
    /** Gives the last line, where it had no end. */
    end() {
      push(decoder.end())
      if (pieces.some(piece => piece !== '')) endLine('')
    },
  }
}
