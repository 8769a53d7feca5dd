import { StringDecoder } from 'node:string_decoder'

/** Cuts a stream of bytes into whole lines; a character that two chunks share is not broken. */
export function lineSplitter(onLine: (line: string) => void) {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const push = (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line.replace(/\r$/, ''))
  }
  return {
    write: (chunk: Buffer) => push(decoder.write(chunk)),
    /** Gives the last line, where it had no end. */
    end() {
      push(decoder.end())
      if (rest !== '') onLine(rest)
      rest = ''
    },
  }
}
