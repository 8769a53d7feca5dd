import type { Writable } from 'node:stream'
import * as core from '@actions/core'

/** Writes all output for people: to the log of a GitHub runner, or as plain text to a terminal. */
export interface Log {
  /** Puts the output of `work` into a collapsible group. The title begins with a verb. Groups do not nest. */
  group<T>(title: string, work: () => Promise<T>): Promise<T>
  line(text: string): void
  /** Writes the output of a tool, escaped so that the runner never takes it for a workflow command. */
  output(text: string): void
  notice(text: string, at?: AnnotationLocation): void
  warning(text: string, at?: AnnotationLocation): void
  error(text: string, at?: AnnotationLocation): void
  /** Shows each line of the value as `***` from now on. */
  mask(secret: string): void
  /** Returns the text with every masked value replaced by `***`, for output that does not go to the log. */
  hide(text: string): string
}

/** The title of an annotation, and the file of the repository and the line (from 1) that it is shown at. */
interface AnnotationLocation {
  readonly title?: string
  readonly file?: string
  readonly line?: number
}

/**
 * Escapes workflow commands, so that a build log cannot issue one. The runner accepts `::name::` at the start of a
 * line, also after blanks, and `##[name]` anywhere in a line (actions/runner, ActionCommand.cs). It splits lines as
 * .NET does: a carriage return ends a line too. Its comparison is culture-sensitive and therefore ignores invisible
 * characters.
 */
export const escapeCommands = (text: string): string =>
  text
    .split(/\r\n|\r|\n/)
    .map(escapeLine)
    .join('\n')

function escapeLine(line: string): string {
  const shown = line.replaceAll(/#(\p{C}*)#(\p{C}*)\[/gu, '# $1#$2[')
  return shown.replaceAll(/[\s\p{C}]/gu, '').startsWith('::') ? `| ${shown}` : shown
}

const annotation = ({ title, file, line }: AnnotationLocation = {}): core.AnnotationProperties => ({
  ...(title === undefined ? {} : { title }),
  ...(file === undefined ? {} : { file }),
  ...(line === undefined ? {} : { startLine: line }),
})

/** Returns a log that writes workflow commands for a GitHub runner. */
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
    line: text => core.info(escapeCommands(secrets.hide(text))),
    output: text => core.info(escapeCommands(secrets.hide(text))),
    notice: (text, at) => core.notice(secrets.hide(text), annotation(at)),
    warning: (text, at) => core.warning(secrets.hide(text), annotation(at)),
    error: (text, at) => core.error(secrets.hide(text), annotation(at)),
    mask: secret => secrets.add(secret).forEach(core.setSecret),
    hide: text => secrets.hide(text),
  }
}

/** Returns a log that writes plain text, for a terminal or a runner without workflow commands. */
export function plainLog(out: Writable): Log {
  const secrets = new Secrets()
  const write = (text: string) => out.write(`${secrets.hide(text)}\n`)
  return {
    async group(title, work) {
      write(`\n== ${title}`)
      return await work()
    },
    line: write,
    output: write,
    notice: text => write(`notice: ${text}`),
    warning: text => write(`warning: ${text}`),
    error: text => write(`error: ${text}`),
    mask: secret => void secrets.add(secret),
    hide: text => secrets.hide(text),
  }
}

/**
 * Splits a secret into the lines to mask. From then on the runner masks these texts in everything that the job prints,
 * and drops every output that contains one. Texts that are common in any log are therefore not masked: up to three
 * characters (`{`, `EOF`), `true`, `false`, and numbers of up to five digits.
 */
const linesToMask = (secret: string): string[] =>
  secret
    .split(/[\r\n]+/)
    .map(line => line.trim())
    .filter(line => line.length > 3 && !/^(?:true|false|\d{1,5})$/i.test(line))

/** The masked values. The runner masks too, but only text that reaches it on one line and unchanged. */
class Secrets {
  readonly #hidden = new Set<string>()

  /** Adds the lines of a secret. Returns the new ones, as the runner needs each only once. */
  add(secret: string): string[] {
    const added = [...new Set(linesToMask(secret))].filter(line => !this.#hidden.has(line))
    for (const line of added) this.#hidden.add(line)
    return added
  }

  hide(text: string): string {
    // The longest first: if one secret contains another, no part of the longer one may stay visible.
    const longestFirst = [...this.#hidden].sort((one, other) => other.length - one.length)
    return longestFirst.reduce((masked, secret) => masked.replaceAll(secret, '***'), text)
  }
}
