/** A workflow command, parsed from a line that an action printed. */
export interface WorkflowCommand {
  /** Lower case. */
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
  readonly message: string
}

/** The commands that a runner executes. Any other `::word::` is text. */
const known = new Set([
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning',
])

const modern = { '%0D': '\r', '%0A': '\n', '%3A': ':', '%2C': ',', '%25': '%' } as const
const old = { '%3B': ';', '%0D': '\r', '%0A': '\n', '%5D': ']', '%25': '%' } as const

/**
 * Parses a line as GitHub's runner does: `::name key=value,key=value::message` after nothing but whitespace, or the
 * older `##[name key=value;key=value]message` anywhere in the line. `extra` is the token that resumes commands.
 */
export function parseCommand(line: string, extra?: string): WorkflowCommand | undefined {
  const isCommand = (name: string) => known.has(name) || name === extra?.toLowerCase()
  const two = /^\s*::(.*?)::(.*)$/s.exec(line)
  if (two !== null) {
    const command = build(two[1] ?? '', ',', two[2] ?? '', modern)
    if (isCommand(command.name)) return command
  }
  const one = /##\[(.*?)\](.*)$/s.exec(line)
  if (one === null) return undefined
  const command = build(one[1] ?? '', ';', one[2] ?? '', old)
  return isCommand(command.name) ? command : undefined
}

function build(
  head: string,
  separator: string,
  message: string,
  escapes: Record<string, string>,
): WorkflowCommand {
  const [name = '', rest = ''] = splitOnce(head.trim(), ' ')
  const pairs = rest
    .split(separator)
    .map(pair => splitOnce(pair.trim(), '='))
    .filter(([key, value]) => key !== '' && value !== '')
    .map(([key, value]) => [key, unescapeText(value, escapes)])
  const kept = separator === ',' ? { '%0D': '\r', '%0A': '\n', '%25': '%' } : escapes
  return {
    name: name.toLowerCase(),
    properties: Object.fromEntries(pairs) as Record<string, string>,
    message: unescapeText(message, kept),
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}

/** Decodes the escapes in order, `%25` last: `%250A` means a literal `%0A`. */
function unescapeText(text: string, escapes: Record<string, string>): string {
  return Object.entries(escapes).reduce((read, [code, character]) => read.replaceAll(code, character), text)
}
