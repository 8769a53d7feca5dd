import { createHash } from 'node:crypto'
import type { Findings } from '../core/findings.ts'
import { parseBoolean } from '../inputs/values.ts'
import { addProblem, filler, globalExpressions } from './expressions.ts'
import type { Flavor } from './flavor.ts'
import { propose, type RuleContext } from './proposals.ts'
import { isTag, tagRule } from './reference.ts'
import type { Rule } from './rules.ts'
import type { Trigger } from './trigger.ts'

/** The tags that the rules yield, without repositories. */
export interface Version {
  /** The first tag, which is the version of the image; empty if no rule yields a tag. */
  readonly main: string
  /** All tags without duplicates, `main` first and `latest` last. */
  readonly tagNames: readonly string[]
}

/** Applies the rules, which must be sorted by priority. */
export async function nameVersion(
  rules: readonly Rule[],
  flavor: Flavor,
  trigger: Trigger,
  findings: Findings,
): Promise<Version> {
  const context = ruleContext(trigger, findings)
  const tagNames: string[] = []
  let latest: boolean | undefined
  let omitted = false
  for (const rule of rules) {
    const proposal = enabled(rule, context) ? await propose(rule, context) : undefined
    const name = proposal === undefined ? '' : tagOfRule(proposal.text, rule, flavor, context)
    omitted ||= name === undefined
    if (proposal === undefined || name === undefined || name === '') continue
    tagNames.push(name)
    // The rule of the first tag decides.
    latest ??= flavor.latest === 'auto' ? proposal.latest : flavor.latest === 'true'
  }
  if (latest === true) tagNames.push(...[sanitize(latestName(flavor, context))].filter(isTag))
  // An image without a tag cannot be pushed. If the only tags were omitted, the image gets the tag of its commit.
  if (tagNames.length === 0 && omitted && trigger.sha !== '') tagNames.push(`sha-${trigger.shortSha}`)
  return { main: tagNames[0] ?? '', tagNames: [...new Set(tagNames)] }
}

function ruleContext(trigger: Trigger, findings: Findings): RuleContext {
  const fill = filler('tags', findings)
  const expressions = globalExpressions(trigger)
  return { trigger, findings, fill, fillGlobal: template => fill(template, expressions) }
}

function enabled({ enable, line }: Rule, { fillGlobal, findings }: RuleContext): boolean {
  const text = fillGlobal(enable)
  const value = parseBoolean(text)
  if (value === undefined) {
    addProblem(findings, {
      input: 'tags',
      cause: `\`tags\`: the rule \`${line}\` has \`enable=${text}\`, which is neither true nor false.`,
      remedy: 'Write an expression that can be empty as `${{ … == true }}`.',
    })
  }
  return value === true
}

/** A tag with its rendered affixes. */
interface AffixedTag {
  readonly prefix: string
  readonly text: string
  readonly suffix: string
}

/**
 * Returns the text of a rule with its affixes, as a tag. The affixes of the rule, even empty ones, override those of
 * `flavor`. An invalid tag from the name of a ref is repaired; the result is undefined if that is impossible. Any other
 * invalid tag is a problem.
 */
function tagOfRule(text: string, rule: Rule, flavor: Flavor, context: RuleContext): string | undefined {
  const { trigger, findings } = context
  const prefix = context.fillGlobal(rule.prefix ?? flavor.prefix.text)
  const suffix = context.fillGlobal(rule.suffix ?? flavor.suffix.text)
  const name = sanitize(prefix + text + suffix)
  if (name === '' || isTag(name)) return name
  if (!isNamedAfterRef(rule, flavor, context)) {
    rejectTag(name, rule, trigger, findings)
    return name
  }
  const repaired = repair({ prefix, text, suffix }, trigger)
  if (repaired === undefined) findings.warnings.push(noTag(rule, trigger))
  return repaired
}

/**
 * Reports whether a rule derives its tag from the name of a branch or git tag. Such names need not be valid tags, so an
 * invalid one is no mistake in the workflow.
 */
function isNamedAfterRef(rule: Rule, flavor: Flavor, { trigger, fillGlobal }: RuleContext): boolean {
  const ref = trigger.ref.replace(/^refs\/(?:heads|tags|pull)\//, '')
  if (rule.type === 'ref' || (ref !== '' && rule.line.includes(ref))) return true
  const parsesVersion = rule.type === 'semver' || rule.type === 'pep440' || rule.type === 'match'
  if (parsesVersion && rule.value === '') return true
  const templates = rule.line + (rule.prefix ?? flavor.prefix.text) + (rule.suffix ?? flavor.suffix.text)
  const names = [...templates.matchAll(/\{\{[{&]?\s*(branch|tag|base_ref)\b/g)].map(([, name]) => name)
  return names.some(name => fillGlobal(`{{${name}}}`) !== '')
}

const maxTagLength = 128

/**
 * Turns an invalid tag into a valid one. Removes leading characters that cannot start a tag; shortens a long tag and
 * appends a hash of the ref, so that two long names yield two tags. Returns undefined if no valid character remains, or
 * if the result would be `latest` or the tag of the default branch.
 */
function repair({ prefix, text, suffix }: AffixedTag, { ref, defaultBranch }: Trigger): string | undefined {
  if (!/[a-zA-Z0-9_]/.test(text)) return undefined
  const name = sanitize(prefix + text + suffix).replace(/^[.-]+/, '')
  if (name === 'latest' || name === sanitize(defaultBranch ?? 'latest')) return undefined
  if (name.length <= maxTagLength) return isTag(name) ? name : undefined
  const end = `-${createHash('sha256').update(ref).digest('hex').slice(0, 8)}${sanitize(suffix)}`
  const begin = sanitize(prefix + text)
    .replace(/^[.-]+/, '')
    .slice(0, Math.max(0, maxTagLength - end.length))
  const shortened = begin.replace(/[.-]+$/, '') + end
  return isTag(shortened) ? shortened : undefined
}

const noTag = ({ line }: Rule, { ref }: Trigger): string =>
  `\`tags\`: \`${ref}\` cannot be converted to a tag, so the rule \`${line}\` yields none. ${tagRule}`

function latestName({ prefix, suffix }: Flavor, { fillGlobal }: RuleContext): string {
  const start = fillGlobal(prefix.onLatest ? prefix.text : '')
  return `${start}latest${fillGlobal(suffix.onLatest ? suffix.text : '')}`
}

/** Replaces each sequence of characters that are not allowed in a tag with one dash. */
const sanitize = (text: string): string => text.replace(/[^a-zA-Z0-9._-]+/g, '-')

function rejectTag(name: string, { line }: Rule, { ref, eventName }: Trigger, findings: Findings): void {
  addProblem(findings, {
    input: 'tags',
    cause: `\`tags\`: the rule \`${line}\` yields \`${name}\` for this ${eventName} (\`${ref}\`), which is not a valid tag.`,
    remedy: `${tagRule} \`{{branch}}\` is empty unless the run is for a branch, and \`{{tag}}\` unless it is for a tag.`,
  })
}
