import type { Findings } from '../findings.ts'
import { nearest } from '../migration.ts'
import { attributeNames, type Kind, priorities, type Rule, type RuleType } from './rule.ts'
import { outside } from './template.ts'

type Attributes = ReadonlyMap<string, string>
type Refuse = (reason: string, remedy: string) => undefined

/** Reads a rule from its cells (`type=ref`, `event=branch`), or says what is wrong with it. */
export function parseRule(cells: readonly string[], findings: Findings): Rule[] {
  const line = cells.join(',')
  let refused = false
  const refuse: Refuse = (reason, remedy) => {
    refused = true
    findings.problems.push({ input: 'tags', cause: `\`tags\`: the rule \`${line}\` ${reason}.`, remedy })
  }
  const attributes = readAttributes(cells)
  const type = typeOf(attributes, refuse)
  if (type === undefined) return []
  warnUnknown(type, attributes, line, findings)
  const rule: Rule = { ...commonOf(type, attributes, line, refuse), ...kindOf(type, attributes, refuse) }
  return refused ? [] : [rule]
}

/** `key=value`; a cell without a `=` is the `value`. What stands inside of `{{…}}` is never a `=` of ours. */
const readAttributes = (cells: readonly string[]): Attributes =>
  new Map(
    cells.map(cell => {
      if (!outside(cell).includes('=')) return ['value', cell]
      const equals = cell.indexOf('=')
      return [cell.slice(0, equals).trim().toLowerCase(), cell.slice(equals + 1).trim()]
    }),
  )

function typeOf(attributes: Attributes, refuse: Refuse): RuleType | undefined {
  const given = attributes.get('type') ?? 'raw'
  if (Object.hasOwn(priorities, given)) return given as RuleType
  const types = Object.keys(priorities)
  return refuse(`has the type \`${given}\`, which there is not`, meant(given, types))
}

function commonOf(type: RuleType, attributes: Attributes, line: string, refuse: Refuse) {
  const priority = Number(attributes.get('priority') ?? priorities[type])
  if (Number.isNaN(priority)) refuse('has a `priority` that is no number', `Its own is ${priorities[type]}.`)
  const prefix = attributes.get('prefix')
  return {
    line,
    enable: attributes.get('enable') ?? 'true',
    priority,
    prefix:
      prefix ??
      (attributes.get('event') === 'pr' && type === 'ref' ? 'pr-' : type === 'sha' ? 'sha-' : prefix),
    suffix: attributes.get('suffix'),
  }
}

function kindOf(type: RuleType, attributes: Attributes, refuse: Refuse): Kind {
  const value = attributes.get('value') ?? ''
  switch (type) {
    case 'schedule':
      return { type, pattern: attributes.get('pattern') ?? 'nightly' }
    case 'semver':
    case 'pep440':
      return {
        type,
        pattern: required('pattern', attributes, refuse),
        value,
        match: matchOf(attributes, refuse),
      }
    case 'match':
      return {
        type,
        pattern: expression(required('pattern', attributes, refuse), refuse),
        group: groupOf(attributes, refuse),
        value,
      }
    case 'edge':
      return { type, branch: attributes.get('branch') ?? '' }
    case 'ref':
      return { type, event: oneOf('event', ['branch', 'tag', 'pr'], undefined, attributes, refuse) }
    case 'raw':
      return { type, value: required('value', attributes, refuse) }
    case 'sha':
      return { type, format: oneOf('format', ['short', 'long'], 'short', attributes, refuse) }
  }
}

function required(name: string, attributes: Attributes, refuse: Refuse): string {
  const value = attributes.get(name)
  if (value === undefined) refuse(`has no \`${name}\``, `Add \`,${name}=…\`.`)
  return value ?? ''
}

function oneOf<Name extends string>(
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

function groupOf(attributes: Attributes, refuse: Refuse): number {
  const group = Number(attributes.get('group') ?? 0)
  if (!Number.isInteger(group))
    refuse('has a `group` that is no number', 'Count the groups from 1; 0 is all of it.')
  return group
}

function matchOf(attributes: Attributes, refuse: Refuse): RegExp | undefined {
  const match = attributes.get('match') ?? ''
  return match === '' ? undefined : new RegExp(expression(match, refuse, false))
}

/** `v(.*)`, or `/v(.*)/i` with flags, as JavaScript reads it. */
function expression(text: string, refuse: Refuse, slashes = true): RegExp {
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

function warnUnknown(type: RuleType, attributes: Attributes, line: string, { warnings }: Findings): void {
  for (const name of attributes.keys()) {
    if (attributeNames[type].includes(name)) continue
    const hint = meant(name, attributeNames[type])
    warnings.push(`\`tags\`: \`${name}\` has no effect in the rule \`${line}\`. ${hint}`)
  }
}

function meant(given: string, names: readonly string[]): string {
  const close = nearest(given, names)
  return close === undefined ? `There are ${quoted(names)}.` : `Is \`${close}\` meant?`
}

const quoted = (names: readonly string[]): string => names.map(name => `\`${name}\``).join(', ')
