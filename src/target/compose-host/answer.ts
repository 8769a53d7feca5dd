import type { Outcome, Run } from '../../core/command.ts'
import { lastLines, type Problem } from '../../core/errors.ts'
import answerScript from './answer.sh'

/** A part of what the server answered: its name, and its lines as they were. */
interface Section {
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

/** A question: a script that stands behind answer.sh, its arguments, and the milliseconds that it may take. */
export interface Question {
  readonly script: string
  readonly args: readonly string[]
  readonly patience: number
}

/** Asks the server: the script goes to the stdin of a plain `sh`, so that the login's own shell does not matter. */
export async function ask(run: Run, { script, args, patience }: Question): Promise<Answer | Problem> {
  const command = { file: 'sh', args: ['-s', ...args], stdin: answerScript + script }
  const begin = performance.now()
  const outcome = await run(command, { timeout: patience })
  const late = performance.now() - begin >= patience
  return readAnswer(outcome) ?? (late ? tooLate(patience) : noAnswer(outcome))
}

export const isProblem = (value: object): value is Problem => 'cause' in value

const tooLate = (patience: number): Problem => ({
  cause: `The server took the login, and did not answer a question within ${patience / 1000} s.`,
  remedy: 'See whether `docker info` answers there: an engine that hangs has to be restarted.',
})

function noAnswer({ code, stdout, stderr }: Outcome): Problem {
  if (code === null) {
    return {
      cause: 'The connection to the server was lost during a check.',
      remedy: 'Run the job again; nothing was changed.',
    }
  }
  const output = lastLines(stderr.trim() === '' ? stdout : stderr)
  return {
    cause: `The server took the login, but its \`sh\` ended with ${code} in the middle of a question.`,
    remedy: 'See whether `ssh USER@HOST sh -c true` works.',
    ...(output === '' ? {} : { output }),
  }
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

/** Wraps sections for reading. */
export function answerOf(sections: readonly Section[]): Answer {
  const find = (name: string) => sections.find(section => section.name === name)?.lines ?? []
  return {
    sections,
    text: name => find(name).join('\n').trimEnd(),
    lines: name => find(name).filter(line => line !== ''),
    has: name => sections.some(section => section.name === name),
  }
}
