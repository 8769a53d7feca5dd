import type { Findings } from '../core/findings.ts'
import { nearest } from '../core/nearest.ts'
import { outside } from './template.ts'

/** The attributes that every rule has. Templates are rendered when the rule is applied. */
interface Common {
  /** The line of the input, for messages. */
  readonly line: string
  /** A template that renders to `true` or `false`. */
  readonly enable: string
  /** Rules with a higher priority come first; the first tag is the version. */
  readonly priority: number
  /** Templates; undefined: use those of `flavor`. */
  readonly prefix: string | undefined
  readonly suffix: string | undefined
}

/** The attributes of each type. `pattern`, `value` and `branch` are templates, except the `pattern` of `match`. */
type Kind =
  | { readonly type: 'schedule'; readonly pattern: string }
  /** `value` empty: the git tag. The first group of `match` is the version; undefined: the whole text is. */
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

/** A rule that derives tags from a version. */
export type VersionRule = Common & Extract<Kind, { type: 'semver' | 'pep440' }>

/** The default priority of each type. */
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

/** The names of the attributes that each type has. */
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

/** Returns the rule of a plain tag. */
export const rawRule = (value: string, line = value): Rule => ({
  type: 'raw',
  value,
  line,
  enable: 'true',
  priority: priorities.raw,
  prefix: undefined,
  suffix: undefined,
})

/** Parses a rule from its cells (`type=ref`, `event=branch`). Reports an invalid rule and returns an empty list. */
export function parseRule(cells: readonly string[], findings: Findings): Rule[] {
  const line = cells.join(',')
  let rejected = false
  const reject: Reject = (reason, remedy) => {
    rejected = true
    findings.problems.push({ input: 'tags', cause: `\`tags\`: the rule \`${line}\` ${reason}.`, remedy })
  }
  const attributes = readAttributes(cells)
  const type = typeOf(attributes, reject)
  if (type === undefined) return []
  warnUnknown(type, attributes, line, findings)
  const rule: Rule = { ...commonOf(type, attributes, line, reject), ...kindOf(type, attributes, reject) }
  return rejected ? [] : [rule]
}

function typeOf(attributes: Attributes, reject: Reject): RuleType | undefined {
  const type = attributes.get('type') ?? 'raw'
  if (Object.hasOwn(priorities, type)) return type as RuleType
  return reject(`has the type \`${type}\`, which does not exist`, suggestion(type, Object.keys(priorities)))
}

function commonOf(type: RuleType, attributes: Attributes, line: string, reject: Reject) {
  const priority = Number(attributes.get('priority') ?? priorities[type])
  if (Number.isNaN(priority))
    reject('has a `priority` that is not a number', `The default is ${priorities[type]}.`)
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

function kindOf(type: RuleType, attributes: Attributes, reject: Reject): Kind {
  const value = attributes.get('value') ?? ''
  switch (type) {
    case 'schedule':
      return { type, pattern: attributes.get('pattern') ?? 'nightly' }
    case 'semver':
    case 'pep440':
      return {
        type,
        pattern: required('pattern', attributes, reject),
        value,
        match: matchOf(attributes, reject),
      }
    case 'match':
      return {
        type,
        pattern: expression(required('pattern', attributes, reject), reject),
        group: groupOf(attributes, reject),
        value,
      }
    case 'edge':
      return { type, branch: attributes.get('branch') ?? '' }
    case 'ref':
      return { type, event: oneOf('event', ['branch', 'tag', 'pr'], undefined, attributes, reject) }
    case 'raw':
      return { type, value: required('value', attributes, reject) }
    case 'sha':
      return { type, format: oneOf('format', ['short', 'long'], 'short', attributes, reject) }
  }
}

function warnUnknown(type: RuleType, attributes: Attributes, line: string, { warnings }: Findings): void {
  for (const name of attributes.keys()) {
    if (attributeNames[type].includes(name)) continue
    const hint = suggestion(name, attributeNames[type])
    warnings.push(`\`tags\`: \`${name}\` has no effect in the rule \`${line}\`. ${hint}`)
  }
}

function suggestion(unknown: string, names: readonly string[]): string {
  const close = nearest(unknown, names)
  return close === undefined ? `Use one of ${quoted(names)}.` : `Did you mean \`${close}\`?`
}

/** The attributes of a rule, by lower-case name. */
type Attributes = ReadonlyMap<string, string>

/** Reports a problem of a rule. `reason` continues "the rule `…`"; `remedy` is a sentence. */
type Reject = (reason: string, remedy: string) => undefined

/** Parses cells of `key=value`. A cell without `=` is the attribute `value`; a `=` inside `{{…}}` does not count. */
const readAttributes = (cells: readonly string[]): Attributes =>
  new Map(
    cells.map(cell => {
      if (!outside(cell).includes('=')) return ['value', cell]
      const equals = cell.indexOf('=')
      return [cell.slice(0, equals).trim().toLowerCase(), cell.slice(equals + 1).trim()]
    }),
  )

function required(name: string, attributes: Attributes, reject: Reject): string {
  const value = attributes.get(name)
  if (value === undefined) reject(`has no \`${name}\``, `Add \`,${name}=…\`.`)
  return value ?? ''
}

function oneOf<Name extends string>(
  attribute: string,
  names: readonly [Name, ...Name[]],
  fallback: Name | undefined,
  attributes: Attributes,
  reject: Reject,
): Name {
  const value = attributes.get(attribute)
  const known = names.find(name => name === (value ?? fallback))
  if (known === undefined) {
    const reason =
      value === undefined
        ? `has no \`${attribute}\``
        : `has the ${attribute} \`${value}\`, which does not exist`
    reject(reason, `Use one of ${quoted(names.map(name => `${attribute}=${name}`))}.`)
  }
  return known ?? names[0]
}

function groupOf(attributes: Attributes, reject: Reject): number {
  const group = Number(attributes.get('group') ?? 0)
  if (!Number.isInteger(group))
    reject('has a `group` that is not a number', 'Groups are counted from 1; 0 is the whole match.')
  return group
}

function matchOf(attributes: Attributes, reject: Reject): RegExp | undefined {
  const match = attributes.get('match') ?? ''
  return match === '' ? undefined : new RegExp(expression(match, reject, false))
}

/** Parses a JavaScript regular expression: `v(.*)`, or `/v(.*)/i` with flags. */
function expression(text: string, reject: Reject, slashes = true): RegExp {
  const [, inner, flags] = (slashes ? /^\/(.+)\/(.*)$/.exec(text) : null) ?? []
  try {
    return new RegExp(inner ?? text, flags ?? '')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    reject(
      `has an invalid regular expression (${reason})`,
      'Use JavaScript syntax, and quote a cell that contains a comma.',
    )
    return /(?!)/
  }
}

const quoted = (names: readonly string[]): string => names.map(name => `\`${name}\``).join(', ')
