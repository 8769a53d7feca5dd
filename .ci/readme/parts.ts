import type { Contract, Entry, Group } from './contract.ts'

/** What a value of each input looks like, by the input's name. */
export type Examples = Readonly<Record<string, string>>

/** The heads of the tables, and what is said of an input that is declared and not built yet. */
export interface Words {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly notYet: string
}

export const english: Words = {
  inputs: ['Input', 'What it is', 'Default', 'Example'],
  outputs: ['Output', 'What it is'],
  notYet: '**Not in this version.** ',
}

/** The tables of the README, by the name of their markers. Pure. */
export function renderTables(
  { groups, outputs }: Contract,
  examples: Examples,
  words: Words = english,
  absent: readonly string[] = [],
): Readonly<Record<string, string>> {
  const said = (input: Entry) =>
    absent.includes(input.name) ? { ...input, description: words.notYet + input.description } : input
  return {
    inputs: groups
      .map(({ title, inputs }) => inputTable({ title, inputs: inputs.map(said) }, examples, words))
      .join('\n\n'),
    outputs: table(
      words.outputs,
      outputs.map(({ name, description }) => [code(name), description]),
    ),
  }
}

function inputTable({ title, inputs }: Group, examples: Examples, words: Words): string {
  const rows = inputs.map(input => [
    code(input.name),
    input.description,
    input.default === undefined ? '' : code(input.default),
    exampleCell(input, examples),
  ])
  return `### ${title}\n\n${table(words.inputs, rows)}`
}

function exampleCell({ name }: Entry, examples: Examples): string {
  return (examples[name] ?? '').trimEnd().split('\n').map(code).join('<br>')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Code in Markdown; a value with a backtick in it takes longer fences. */
function code(text: string): string {
  if (text === '') return ''
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}

/** Every input in one `with:` block. All are commented out: an input that is given empty loses its default. */
export function renderBlock({ groups }: Contract, examples: Examples): string {
  const lines = groups.flatMap(({ title, inputs }) => [
    '',
    `# ${title}`,
    ...inputs.flatMap(({ name }) => assignment(name, examples[name] ?? '')),
  ])
  const commented = lines.map(line => (line === '' || line.startsWith('# ') ? line : `#${line}`))
  const indented = commented.map(line => (line === '' ? '' : `    ${line}`))
  return ['```yaml', '- uses: OWNER/slipway@v1', '  with:', ...indented.slice(1), '```'].join('\n')
}

function assignment(name: string, example: string): string[] {
  const lines = example.trimEnd().split('\n')
  if (lines.length > 1) return [`${name}: |`, ...lines.map(line => `  ${line}`)]
  return [`${name}: ${scalar(example)}`]
}

/** A YAML scalar: quoted only where it would read as something else. */
function scalar(text: string): string {
  return /^[\w$/~.][^#]*$/.test(text) && !/: |:$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`
}

/** Puts the parts between their markers. Throws when a marker is missing, or has no part. */
export function fill(readme: string, parts: Readonly<Record<string, string>>): string {
  const filled = new Set<string>()
  const text = readme.replaceAll(
    /(<!-- ([\w-]+): generated.*? -->\n)[\s\S]*?(<!-- end of \2 -->)/g,
    (_, open: string, name: string, close: string) => {
      const part = parts[name]
      if (part === undefined) throw new Error(`the README has a marker of an unknown part: ${name}`)
      filled.add(name)
      return `${open}\n${part}\n\n${close}`
    },
  )
  const missing = Object.keys(parts).filter(name => !filled.has(name))
  if (missing.length > 0) throw new Error(`the README lacks the markers of: ${missing.join(', ')}`)
  return text
}
