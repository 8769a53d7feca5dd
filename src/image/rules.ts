import type { Findings } from '../core/findings.ts'
import { nearest } from '../core/nearest.ts'
import {
  type Attributes,
  expression,
  groupOf,
  matchOf,
  oneOf,
  quoted,
  type Refuse,
  readAttributes,
  required,
} from './attributes.ts'
import { attributeNames, type Kind, priorities, type Rule, type RuleType } from './rule.ts'

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
