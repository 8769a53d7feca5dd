import type { Contract, Entry, Group } from './contract.ts'

/** An example value of each input, by name. */
export type Examples = Readonly<Record<string, string>>

/** An example value of each output, by the title of its group and then by name. */
export type Outputs = Readonly<Record<string, Examples>>

/** The column titles of the tables, and the translated titles of the groups of outputs. */
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

/** Renders the tables of inputs and outputs, by marker name. Throws if an output is in no group. */
export function renderTables(
  { groups, outputs }: Contract,
  examples: Examples,
  results: Outputs,
  words: Words = english,
): Readonly<Record<string, string>> {
  const grouped = Object.values(results).flatMap(group => Object.keys(group))
  const ungrouped = outputs.filter(({ name }) => !grouped.includes(name))
  if (ungrouped.length > 0)
    throw new Error(`.ci/readme/outputs.yml lacks ${ungrouped.map(({ name }) => name).join(', ')}`)
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
    if (output === undefined) throw new Error(`.ci/readme/outputs.yml has ${name}, which is not an output`)
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

/** Renders a code span, with a longer fence if the text contains a backtick. */
function code(text: string): string {
  if (text === '') return ''
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}

/** Renders every input in one `with:` block. All are commented out, because an empty input would lose its default. */
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

/** Renders a YAML scalar, quoted only if YAML would parse it as something else. */
function scalar(text: string): string {
  return /^[\w$/~.][^#]*$/.test(text) && !/: |:$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`
}

/** Inserts the parts between their markers. Throws if a marker is missing or has no part. */
export function fill(readme: string, parts: Readonly<Record<string, string>>): string {
  const filled = new Set<string>()
  const text = readme.replaceAll(
    /(<!-- ([\w-]+): generated.*? -->\n)[\s\S]*?(<!-- end of \2 -->)/g,
    (_, open: string, name: string, close: string) => {
      const part = parts[name]
      if (part === undefined) throw new Error(`the page has a marker for an unknown part: ${name}`)
      filled.add(name)
      return `${open}\n${part}\n\n${close}`
    },
  )
  const missing = Object.keys(parts).filter(name => !filled.has(name))
  if (missing.length > 0) throw new Error(`the page lacks the markers of: ${missing.join(', ')}`)
  return text
}
