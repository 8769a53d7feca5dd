/** What stands in a YAML or JSON mapping, by its keys. */
export type Fields = Readonly<Record<string, unknown>>

/** Returns the fields of a mapping; none of anything else. */
export const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}

/** Returns the mappings of a list. Compose resolves ports and volumes to such. */
export const entries = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fields) : [])

/** Parses JSON or YAML; undefined when it is neither. */
export async function parsed(text: string): Promise<unknown> {
  try {
    if (text.trimStart().startsWith('{')) return JSON.parse(text)
    const { load } = await import('js-yaml')
    return load(text)
  } catch {
    return undefined
  }
}
