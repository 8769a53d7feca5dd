import type { Outcome, Run } from '../../core/command.ts'
import { lastLines, type Problem } from '../../core/errors.ts'
import answerScript from './answer.sh'

/** A section of the server's answer, with its lines unchanged. */
interface Section {
  readonly name: string
  readonly lines: readonly string[]
}

/** The server's answer to one of the preflight scripts, in the format of answer.sh. */
export interface Answer {
  readonly sections: readonly Section[]
  /** Returns the text of the first section of that name without blank lines at its end; empty if there is none. */
  text(name: string): string
  /** Returns the lines of that section that are not empty. */
  lines(name: string): string[]
  has(name: string): boolean
}

/** A question to the server: a script that follows answer.sh, its arguments, and its timeout in milliseconds. */
export interface Question {
  readonly script: string
  readonly args: readonly string[]
  readonly timeout: number
}

/**
 * Runs the script by `sh` on the server. It passes the script on stdin, so that the login's own shell does not matter.
 */
export async function ask(run: Run, { script, args, timeout }: Question): Promise<Answer | Problem> {
  const command = { file: 'sh', args: ['-s', ...args], stdin: answerScript + script }
  const begin = performance.now()
  const outcome = await run(command, { timeout })
  const timedOut = performance.now() - begin >= timeout
  return readAnswer(outcome) ?? (timedOut ? tooLate(timeout) : noAnswer(outcome))
}

export const isProblem = (value: object): value is Problem => 'cause' in value

const tooLate = (timeout: number): Problem => ({
  cause: `The server accepted the login, but a check did not finish within ${timeout / 1000} s.`,
  remedy: 'Run `docker info` there. If it hangs, restart the engine: `sudo systemctl restart docker`.',
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
    cause: `The server accepted the login, but its \`sh\` exited with ${code} during a check.`,
    remedy: 'Check that `ssh USER@HOST sh -c true` works.',
    ...(output === '' ? {} : { output }),
  }
}

/**
 * Parses an answer; undefined if it is incomplete (the connection dropped, or the login shell runs no commands).
 * Ignores the output of rc files before it.
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

/** Wraps sections as an answer. */
export function answerOf(sections: readonly Section[]): Answer {
  const find = (name: string) => sections.find(section => section.name === name)?.lines ?? []
  return {
    sections,
    text: name => find(name).join('\n').trimEnd(),
    lines: name => find(name).filter(line => line !== ''),
    has: name => sections.some(section => section.name === name),
  }
}
