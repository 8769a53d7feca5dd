/**
 * Splits a command line into words, and removes quotes, as a shell does. Does nothing else that a shell does: no
 * variables, no pipes. Returns undefined if a quote is not closed.
 */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let rest = line
  while (rest !== '') {
    const [piece = '', blank, single, double, char] = piecePattern.exec(rest) ?? []
    if (piece === '') return undefined
    rest = rest.slice(piece.length)
    if (blank !== undefined) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else {
      word = (word ?? '') + (single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? char?.replace(/^\\/, ''))
    }
  }
  return word === undefined ? words : [...words, word]
}

/** Matches blanks, a quoted part, or one character that may be escaped. */
const piecePattern = /^(?:(\s+)|'([^']*)'|"((?:[^"\\]|\\.)*)"|(\\.|[^'"\\]))/s
