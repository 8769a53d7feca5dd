import { FAILSAFE_SCHEMA, load } from 'js-yaml'

/** The inputs and outputs of action.yml, in its order. */
export interface Contract {
  readonly groups: readonly Group[]
  readonly outputs: readonly Entry[]
}

/** Inputs under one heading, which is a comment on its own line in the `inputs` of action.yml. */
export interface Group {
  readonly title: string
  readonly inputs: readonly Entry[]
}

export interface Entry {
  readonly name: string
  readonly description: string
  readonly default?: string
}

type Entries = Readonly<Record<string, Omit<Entry, 'name'>>>

/** Parses the text of action.yml. Throws if an input comes before the first group. */
export function parseContract(text: string): Contract {
  const document = load(text, { schema: FAILSAFE_SCHEMA }) as { inputs: Entries; outputs: Entries }
  const entry = ([name, { description, ...rest }]: [string, Omit<Entry, 'name'>]): Entry => ({
    name,
    description: description.trim(),
    ...(rest.default === undefined ? {} : { default: rest.default }),
  })
  const inputs = new Map(Object.entries(document.inputs).map(input => [input[0], entry(input)]))
  return {
    groups: groupsOf(text).map(({ title, names }) => ({
      title,
      inputs: names.flatMap(name => inputs.get(name) ?? []),
    })),
    outputs: Object.entries(document.outputs).map(entry),
  }
}

/** Reads the groups from the lines, because a YAML parser drops comments. */
function groupsOf(text: string): { title: string; names: string[] }[] {
  const groups: { title: string; names: string[] }[] = []
  const section = text.slice(text.search(/^inputs:$/m), text.search(/^outputs:$/m))
  for (const [, title, name] of section.matchAll(/^ {2}(?:# (.+)|([\w-]+):)$/gm)) {
    if (title !== undefined) groups.push({ title, names: [] })
    if (name === undefined) continue
    const group = groups.at(-1)
    if (group === undefined) throw new Error(`${name} comes before the first group of action.yml`)
    group.names.push(name)
  }
  return groups
}
