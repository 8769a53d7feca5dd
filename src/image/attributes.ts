import { outside } from './template.ts'

/** The attributes of a rule, by name in lower case. */
export type Attributes = ReadonlyMap<string, string>

/** Says what is wrong with a rule: a reason that ends "the rule `…`", and a remedy that is a sentence. */
export type Refuse = (reason: string, remedy: string) => undefined

/** `key=value`; a cell without a `=` is the `value`. What stands inside of `{{…}}` is never a `=` of ours. */
export const readAttributes = (cells: readonly string[]): Attributes =>
  new Map(
    cells.map(cell => {
      if (!outside(cell).includes('=')) return ['value', cell]
      const equals = cell.indexOf('=')
      return [cell.slice(0, equals).trim().toLowerCase(), cell.slice(equals + 1).trim()]
    }),
  )

export function required(name: string, attributes: Attributes, refuse: Refuse): string {
  const value = attributes.get(name)
  if (value === undefined) refuse(`has no \`${name}\``, `Add \`,${name}=…\`.`)
  return value ?? ''
}

export function oneOf<Name extends string>(
  attribute: string,
  names: readonly [Name, ...Name[]],
  fallback: Name | undefined,
  attributes: Attributes,
  refuse: Refuse,
): Name {
  const given = attributes.get(attribute)
  const found = names.find(name => name === (given ?? fallback))
  if (found === undefined) {
    const what =
      given === undefined
        ? `has no \`${attribute}\``
        : `has the ${attribute} \`${given}\`, which there is not`
    refuse(what, `Write one of ${quoted(names.map(name => `${attribute}=${name}`))}.`)
  }
  return found ?? names[0]
}

export function groupOf(attributes: Attributes, refuse: Refuse): number {
  const group = Number(attributes.get('group') ?? 0)
  if (!Number.isInteger(group))
    refuse('has a `group` that is no number', 'Count the groups from 1; 0 is all of it.')
  return group
}

export function matchOf(attributes: Attributes, refuse: Refuse): RegExp | undefined {
  const match = attributes.get('match') ?? ''
  return match === '' ? undefined : new RegExp(expression(match, refuse, false))
}

/** `v(.*)`, or `/v(.*)/i` with flags, as JavaScript reads it. */
export function expression(text: string, refuse: Refuse, slashes = true): RegExp {
  const [, inner, flags] = (slashes ? /^\/(.+)\/(.*)$/.exec(text) : null) ?? []
  try {
    return new RegExp(inner ?? text, flags ?? '')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    refuse(
      `has an expression that cannot be read (${reason})`,
      'Write it as JavaScript has it; quote a cell with a comma.',
    )
    return /(?!)/
  }
}

export const quoted = (names: readonly string[]): string => names.map(name => `\`${name}\``).join(', ')
