/** The values of a YAML or JSON mapping, by key. */
export type Fields = Readonly<Record<string, unknown>>

/** Returns the fields of a mapping; empty for any other value. */
export const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}

/** Returns the mappings of a list, the form to which Compose resolves ports and volumes. */
export const entries = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fields) : [])

/** Parses JSON or YAML. Undefined if the text is neither. */
export async function parseJsonOrYaml(text: string): Promise<unknown> {
  try {
    if (text.trimStart().startsWith('{')) return JSON.parse(text)
    const { load } = await import('js-yaml')
    return load(text)
  } catch {
    return undefined
  }
}
