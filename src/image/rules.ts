import type { Findings } from '../core/findings.ts'
import { nearest } from '../core/nearest.ts'
import { outside } from './template.ts'

/** What every rule for a tag has. Templates are filled in when the tag is made. */
interface Common {
  /** The line it was read from, for messages. */
  readonly line: string
  /** A template that says `true` or `false`. */
  readonly enable: string
  /** Higher comes first; the first tag is the version. */
  readonly priority: number
  /** Templates; `undefined`: those of `flavor`. */
  readonly prefix: string | undefined
  readonly suffix: string | undefined
}

/** What a rule of each type has; `pattern`, `value` and `branch` are templates, save for `match`. */
type Kind =
  | { readonly type: 'schedule'; readonly pattern: string }
  /** `value` empty: the git tag. `match` has one group, the version; `undefined`: all of it is. */
  | {
      readonly type: 'semver' | 'pep440'
      readonly pattern: string
      readonly value: string
      readonly match: RegExp | undefined
    }
  | { readonly type: 'match'; readonly pattern: RegExp; readonly group: number; readonly value: string }
  /** `branch` empty: the default branch. */
  | { readonly type: 'edge'; readonly branch: string }
  | { readonly type: 'ref'; readonly event: 'branch' | 'tag' | 'pr' }
  | { readonly type: 'raw'; readonly value: string }
  | { readonly type: 'sha'; readonly format: 'short' | 'long' }

/** A line of `tags`: https://github.com/docker/metadata-action#tags-input */
export type Rule = Common & Kind

type RuleType = Kind['type']

/** A rule that makes tags by a version scheme. */
export type VersionRule = Common & Extract<Kind, { type: 'semver' | 'pep440' }>

/** The priority of a rule that has none of its own. */
const priorities: Readonly<Record<RuleType, number>> = {
  schedule: 1000,
  semver: 900,
  pep440: 900,
  match: 800,
  edge: 700,
  ref: 600,
  raw: 200,
  sha: 100,
}

const common = ['type', 'enable', 'priority', 'prefix', 'suffix']

/** The attributes that mean something in a rule of each type. */
const attributeNames: Readonly<Record<RuleType, readonly string[]>> = {
  schedule: [...common, 'pattern'],
  semver: [...common, 'pattern', 'value', 'match'],
  pep440: [...common, 'pattern', 'value', 'match'],
  match: [...common, 'pattern', 'group', 'value'],
  edge: [...common, 'branch'],
  ref: [...common, 'event'],
  raw: [...common, 'value'],
  sha: [...common, 'format'],
}

/** A tag as it stands. */
export const rawRule = (value: string, line = value): Rule => ({
  type: 'raw',
  value,
  line,
  enable: 'true',
  priority: priorities.raw,
  prefix: undefined,
  suffix: undefined,
})

/** Parses a rule from its cells (`type=ref`, `event=branch`), or reports what is wrong with it. */
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

function typeOf(attributes: Attributes, refuse: Refuse): RuleType | undefined {
  const given = attributes.get('type') ?? 'raw'
  if (Object.hasOwn(priorities, given)) return given as RuleType
  const types = Object.keys(priorities)
  return refuse(`has the type \`${given}\`, which does not exist`, meant(given, types))
}

function commonOf(type: RuleType, attributes: Attributes, line: string, refuse: Refuse) {
  const priority = Number(attributes.get('priority') ?? priorities[type])
  if (Number.isNaN(priority))
    refuse('has a `priority` that is not a number', `Its own is ${priorities[type]}.`)
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

function warnUnknown(type: RuleType, attributes: Attributes, line: string, { warnings }: Findings): void {
  for (const name of attributes.keys()) {
    if (attributeNames[type].includes(name)) continue
    const hint = meant(name, attributeNames[type])
    warnings.push(`\`tags\`: \`${name}\` has no effect in the rule \`${line}\`. ${hint}`)
  }
}

function meant(given: string, names: readonly string[]): string {
  const close = nearest(given, names)
  return close === undefined ? `There are ${quoted(names)}.` : `Did you mean \`${close}\`?`
}

/** The attributes of a rule, by name in lower case. */
type Attributes = ReadonlyMap<string, string>

/** Says what is wrong with a rule: a reason that ends "the rule `…`", and a remedy that is a sentence. */
type Refuse = (reason: string, remedy: string) => undefined

/** Parses cells of `key=value`; a cell without a `=` is the `value`. A `=` inside `{{…}}` does not count. */
const readAttributes = (cells: readonly string[]): Attributes =>
  new Map(
    cells.map(cell => {
      if (!outside(cell).includes('=')) return ['value', cell]
      const equals = cell.indexOf('=')
      return [cell.slice(0, equals).trim().toLowerCase(), cell.slice(equals + 1).trim()]
    }),
  )

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
        : `has the ${attribute} \`${given}\`, which does not exist`
    refuse(what, `Write one of ${quoted(names.map(name => `${attribute}=${name}`))}.`)
  }
  return found ?? names[0]
}

function groupOf(attributes: Attributes, refuse: Refuse): number {
  const group = Number(attributes.get('group') ?? 0)
  if (!Number.isInteger(group))
    refuse('has a `group` that is not a number', 'Count the groups from 1; 0 is all of it.')
  return group
}

function matchOf(attributes: Attributes, refuse: Refuse): RegExp | undefined {
  const match = attributes.get('match') ?? ''
  return match === '' ? undefined : new RegExp(expression(match, refuse, false))
}

/** Parses `v(.*)`, or `/v(.*)/i` with flags, as JavaScript does. */
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

const quoted = (names: readonly string[]): string => names.map(name => `\`${name}\``).join(', ')
