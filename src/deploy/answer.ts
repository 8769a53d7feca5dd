import type { Outcome } from '../command.ts'

/** A part of what the server answered: its name, and its lines as they were. */
export interface Section {
  readonly name: string
  readonly lines: readonly string[]
}

/** What the server answered to one of the scripts that ask; how it is written stands in server/answer.sh. */
export interface Answer {
  readonly sections: readonly Section[]
  /** The text of the first section of that name, blank lines at its end cut off; empty when there is none. */
  text(name: string): string
  /** Its lines that hold something. */
  lines(name: string): string[]
  has(name: string): boolean
}

/**
 * Reads an answer; undefined when it did not come whole (the connection dropped, a login shell that runs
 * nothing). What rc files print before it is passed over.
 */
export function readAnswer({ code, stdout }: Pick<Outcome, 'code' | 'stdout'>): Answer | undefined {
  const lines = stdout.split(/\r?\n/)
  const begin = lines.lastIndexOf('#slipway')
  const end = lines.indexOf('=end', begin)
  if (code === null || begin < 0 || end < 0) return undefined
  return answerOf(sectionsOf(lines.slice(begin + 1, end)))
}

function sectionsOf(lines: readonly string[]): Section[] {
  const sections: { name: string; lines: string[] }[] = []
  for (const line of lines) {
    if (line.startsWith('=')) sections.push({ name: line.slice(1), lines: [] })
    else if (line.startsWith(' ')) sections.at(-1)?.lines.push(line.slice(1))
  }
  return sections
}

function answerOf(sections: readonly Section[]): Answer {
  const find = (name: string) => sections.find(section => section.name === name)?.lines ?? []
  return {
    sections,
    text: name => find(name).join('\n').trimEnd(),
    lines: name => find(name).filter(line => line !== ''),
    has: name => sections.some(section => section.name === name),
  }
}
