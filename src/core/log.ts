import type { Writable } from 'node:stream'
import * as core from '@actions/core'

/** Where everything that a person reads goes: a GitHub runner's log, or a terminal as plain text. */
export interface Log {
  /** A foldable part of the log; its title begins with a verb. Groups do not nest. */
  group<T>(title: string, work: () => Promise<T>): Promise<T>
  line(text: string): void
  /** What a tool printed, which can never be taken for a command to the runner. */
  foreign(text: string): void
  notice(text: string, at?: Place): void
  warning(text: string, at?: Place): void
  error(text: string, at?: Place): void
  /** From here on each line of the value is shown as `***`. */
  mask(secret: string): void
  /** Returns the text with every masked value hidden: for what is written to other places than the log. */
  hide(text: string): string
}

/** Where an annotation is shown: a file of the repository and a line in it, counted from 1. */
interface Place {
  readonly title?: string
  readonly file?: string
  readonly line?: number
}

/**
 * The runner takes `::name::` at the start of a line, after blanks, and `##[name]` anywhere in it for a command
 * (actions/runner, ActionCommand.cs); a build log must not be able to give one. It reads lines as .NET does, for which
 * a carriage return ends one, and compares text as a culture does, for which characters that are not seen are not there.
 */
export const inert = (text: string): string =>
  text
    .split(/\r\n|\r|\n/)
    .map(inertLine)
    .join('\n')

function inertLine(line: string): string {
  const shown = line.replaceAll(/#(\p{C}*)#(\p{C}*)\[/gu, '# $1#$2[')
  return shown.replaceAll(/[\s\p{C}]/gu, '').startsWith('::') ? `| ${shown}` : shown
}

const annotation = ({ title, file, line }: Place = {}): core.AnnotationProperties => ({
  ...(title === undefined ? {} : { title }),
  ...(file === undefined ? {} : { file }),
  ...(line === undefined ? {} : { startLine: line }),
})

/** Writes to a GitHub runner. */
export function runnerLog(): Log {
  const secrets = new Secrets()
  return {
    async group(title, work) {
      core.startGroup(secrets.hide(title))
      try {
        return await work()
      } finally {
        core.endGroup()
      }
    },
    line: text => core.info(inert(secrets.hide(text))),
    foreign: text => core.info(inert(secrets.hide(text))),
    notice: (text, at) => core.notice(secrets.hide(text), annotation(at)),
    warning: (text, at) => core.warning(secrets.hide(text), annotation(at)),
    error: (text, at) => core.error(secrets.hide(text), annotation(at)),
    mask: secret => secrets.add(secret).forEach(core.setSecret),
    hide: text => secrets.hide(text),
  }
}

/** Writes plain text, for a terminal and for runners that know no commands. */
export function plainLog(out: Writable): Log {
  const secrets = new Secrets()
  const write = (text: string) => out.write(`${secrets.hide(text)}\n`)
  return {
    async group(title, work) {
      write(`\n== ${title}`)
      return await work()
    },
    line: write,
    foreign: write,
    notice: text => write(`notice: ${text}`),
    warning: text => write(`warning: ${text}`),
    error: text => write(`error: ${text}`),
    mask: secret => void secrets.add(secret),
    hide: text => secrets.hide(text),
  }
}

/**
 * Cuts a secret into what is masked: its lines. The runner stars a masked text in everything that the job prints from
 * then on, and drops each output that holds it, so what stands in every log is left out: up to three characters (`{`,
 * `EOF`), `true`, `false`, and numbers of up to five digits.
 */
const piecesOf = (secret: string): string[] =>
  secret
    .split(/[\r\n]+/)
    .map(line => line.trim())
    .filter(line => line.length > 3 && !/^(?:true|false|\d{1,5})$/i.test(line))

/** The runner masks too, but only what reaches it as one line and in the same form. */
class Secrets {
  readonly #hidden = new Set<string>()

  /** Returns the pieces that are new: the runner is told of each once. */
  add(secret: string): string[] {
    const added = [...new Set(piecesOf(secret))].filter(piece => !this.#hidden.has(piece))
    for (const piece of added) this.#hidden.add(piece)
    return added
  }

  hide(text: string): string {
    // The longest first: of a secret that holds another one, nothing may be left.
    const longest = [...this.#hidden].sort((one, other) => other.length - one.length)
    return longest.reduce((shown, secret) => shown.replaceAll(secret, '***'), text)
  }
}
