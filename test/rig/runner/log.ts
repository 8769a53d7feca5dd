import { parseCommand, type WorkflowCommand } from './commands.ts'
import type { Masks } from './masks.ts'

export interface Annotation {
  readonly level: 'notice' | 'warning' | 'error'
  readonly message: string
  readonly title?: string
  readonly file?: string
  readonly line?: number
  readonly endLine?: number
  readonly col?: number
  readonly endColumn?: number
}

export interface Group {
  readonly title: string
  /** As shown, masked. */
  readonly lines: string[]
}

/** A step's log. Executes the workflow commands in it and keeps the lines that GitHub would show. */
export class Log {
  /** As shown: masked, with commands removed or rendered (`##[group]…`, `##[error]…`). */
  readonly lines: string[] = []
  /** As printed, stdout and stderr in order of arrival. */
  readonly raw: string[] = []
  readonly annotations: Annotation[] = []
  readonly groups: Group[] = []
  readonly debug: string[] = []
  /** Set by the deprecated commands on stdout, `set-output` and `save-state`, which GitHub still executes. */
  readonly outputs = new Map<string, string>()
  readonly state = new Map<string, string>()
  readonly #masks: Masks
  #token: string | undefined
  #group: Group | undefined

  constructor(masks: Masks) {
    this.#masks = masks
  }

  /** Processes one line that the action printed. Returns the line to show, if any. */
  take(line: string): string | undefined {
    this.raw.push(line)
    const command = parseCommand(line, this.#token)
    const shown = command === undefined ? line : this.#execute(command, line)
    return shown === undefined ? undefined : this.show(shown)
  }

  /** Adds a line to the log, masked. Returns the masked line. */
  show(line: string): string {
    const masked = this.#masks.apply(line)
    this.lines.push(masked)
    if (!line.startsWith('##[group]')) this.#group?.lines.push(masked)
    return masked
  }

  /** Executes a command. Returns the line to show in its place, if any. */
  #execute(command: WorkflowCommand, line: string): string | undefined {
    if (this.#token !== undefined) {
      if (command.name === this.#token.toLowerCase()) this.#token = undefined
      return line
    }
    switch (command.name) {
      case 'stop-commands':
        this.#token = command.message
        return line
      case 'add-mask':
        this.#masks.add(command.message)
        return undefined
      case 'group':
        this.#group = { title: this.#masks.apply(command.message), lines: [] }
        this.groups.push(this.#group)
        return `##[group]${command.message}`
      case 'endgroup':
        this.#group = undefined
        return '##[endgroup]'
      case 'notice':
      case 'warning':
      case 'error':
        this.annotations.push(this.#annotation(command.name, command))
        return `##[${command.name}]${command.message}`
      case 'debug':
        this.debug.push(this.#masks.apply(command.message))
        return undefined
      case 'set-output':
        this.outputs.set(command.properties['name'] ?? '', command.message)
        return `##[warning]The \`set-output\` command is deprecated`
      case 'save-state':
        this.state.set(command.properties['name'] ?? '', command.message)
        return `##[warning]The \`save-state\` command is deprecated`
      case 'set-env':
      case 'add-path':
        return `##[error]The \`${command.name}\` command is disabled`
      default:
        return undefined
    }
  }

  #annotation(level: Annotation['level'], { properties, message }: WorkflowCommand): Annotation {
    const texts = ['title', 'file'].filter(key => key in properties)
    const numbers = ['line', 'endLine', 'col', 'endColumn'].filter(key => key in properties)
    return {
      level,
      message: this.#masks.apply(message),
      ...Object.fromEntries(texts.map(key => [key, this.#masks.apply(properties[key] ?? '')])),
      ...Object.fromEntries(numbers.map(key => [key, Number(properties[key])])),
    }
  }
}
