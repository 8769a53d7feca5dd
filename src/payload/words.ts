/**
 * The words of a command line, as a shell splits and unquotes them; nothing else of a shell is in it: no variables,
 * no pipes. Undefined when a quote is not closed.
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

/** Blanks; what stands in quotes; a character, escaped or not. */
const piecePattern = /^(?:(\s+)|'([^']*)'|"((?:[^"\\]|\\.)*)"|(\\.|[^'"\\]))/s
