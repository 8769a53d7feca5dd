import type { Contract, Entry, Group } from './contract.ts'

/** What a value of each input looks like, by the input's name. */
export type Examples = Readonly<Record<string, string>>

/** What a value of each output looks like: by the title of its group, then by its name. */
export type Outputs = Readonly<Record<string, Examples>>

/** The heads of the tables, and the titles of the groups of outputs where they are other ones. */
export interface Words {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly groups: Readonly<Record<string, string>>
}

export const english: Words = {
  inputs: ['Input', 'Description', 'Default', 'Example'],
  outputs: ['Output', 'Description', 'Example'],
  groups: {},
}

/** The tables of the README, by the name of their markers. Pure. Throws when an output is in no group. */
export function renderTables(
  { groups, outputs }: Contract,
  examples: Examples,
  results: Outputs,
  words: Words = english,
): Readonly<Record<string, string>> {
  const grouped = Object.values(results).flatMap(group => Object.keys(group))
  const strays = outputs.filter(({ name }) => !grouped.includes(name))
  if (strays.length > 0)
    throw new Error(`.ci/readme/outputs.yml lacks ${strays.map(({ name }) => name).join(', ')}`)
  return {
    inputs: groups.map(group => inputTable(group, examples, words)).join('\n\n'),
    outputs: Object.entries(results)
      .map(([title, group]) => outputTable(words.groups[title] ?? title, group, outputs, words))
      .join('\n\n'),
  }
}

function outputTable(title: string, group: Examples, outputs: Contract['outputs'], words: Words): string {
  const rows = Object.keys(group).map(name => {
    const output = outputs.find(each => each.name === name)
    if (output === undefined) throw new Error(`.ci/readme/outputs.yml has ${name}, which is no output`)
    return [code(name), output.description, exampleCell(output, group)]
  })
  return `### ${title}\n\n${table(words.outputs, rows)}`
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
