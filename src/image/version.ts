import { createHash } from 'node:crypto'
import type { Findings } from '../core/findings.ts'
import { parseBoolean } from '../inputs/values.ts'
import { filler, globalExpressions, refuse } from './expressions.ts'
import type { Flavor } from './flavor.ts'
import { propose, type View } from './proposals.ts'
import { isTag, tagRule } from './reference.ts'
import type { Rule } from './rules.ts'
import type { Trigger } from './trigger.ts'

/** The tags that the rules make, without the image. */
export interface Version {
  /** The first tag, which is the image's version; empty where no rule made one. */
  readonly main: string
  /** All of them, `main` first and `latest` last, none twice. */
  readonly tagNames: readonly string[]
}

/** Applies the rules, which are sorted by priority. */
export async function nameVersion(
  rules: readonly Rule[],
  flavor: Flavor,
  trigger: Trigger,
  findings: Findings,
): Promise<Version> {
  const view = viewOf(trigger, findings)
  const tagNames: string[] = []
  let latest: boolean | undefined
  let leftOut = false
  for (const rule of rules) {
    const proposal = enabled(rule, view) ? await propose(rule, view) : undefined
    const name = proposal === undefined ? '' : tagOfRule(proposal.text, rule, flavor, view)
    leftOut ||= name === undefined
    if (proposal === undefined || name === undefined || name === '') continue
    tagNames.push(name)
    // The first tag decides.
    latest ??= flavor.latest === 'auto' ? proposal.latest : flavor.latest === 'true'
  }
  if (latest === true) tagNames.push(...[sanitize(latestName(flavor, view))].filter(isTag))
  // An image without a tag cannot be pushed, so it gets that of its commit.
  if (tagNames.length === 0 && leftOut && trigger.sha !== '') tagNames.push(`sha-${trigger.shortSha}`)
  return { main: tagNames[0] ?? '', tagNames: [...new Set(tagNames)] }
}

function viewOf(trigger: Trigger, findings: Findings): View {
  const fill = filler('tags', findings)
  const expressions = globalExpressions(trigger)
  return { trigger, findings, fill, fillGlobal: template => fill(template, expressions) }
}

function enabled({ enable, line }: Rule, { fillGlobal, findings }: View): boolean {
  const answer = fillGlobal(enable)
  const value = parseBoolean(answer)
  if (value === undefined) {
    refuse(findings, {
      input: 'tags',
      cause: `\`tags\`: the rule \`${line}\` has \`enable=${answer}\`, which is neither true nor false.`,
      remedy: 'An expression that can be empty is written as `${{ … == true }}`.',
    })
  }
  return value === true
}

/** A tag with its affixes. Those of the rule, even empty ones, override those of `flavor`. */
interface Made {
  readonly before: string
  readonly text: string
  readonly after: string
}

/** Returns the tag that a rule makes of a text; empty where it makes none, `undefined` where the ref's name allows none. */
function tagOfRule(text: string, rule: Rule, flavor: Flavor, view: View): string | undefined {
  const { trigger, findings } = view
  const before = view.fillGlobal(rule.prefix ?? flavor.prefix.text)
  const after = view.fillGlobal(rule.suffix ?? flavor.suffix.text)
  const name = sanitize(before + text + after)
  if (name === '' || isTag(name)) return name
  if (!isNamedAfterRef(rule, flavor, view)) {
    refuseTag(name, rule, trigger, findings)
    return name
  }
  const repaired = repair({ before, text, after }, trigger)
  if (repaired === undefined) findings.warnings.push(noTagOf(rule, trigger))
  return repaired
}

/** Returns whether a rule makes its tag from the name of a branch or git tag, which nobody chose to suit a registry. */
function isNamedAfterRef(rule: Rule, flavor: Flavor, { trigger, fillGlobal }: View): boolean {
  const ref = trigger.ref.replace(/^refs\/(?:heads|tags|pull)\//, '')
  if (rule.type === 'ref' || (ref !== '' && rule.line.includes(ref))) return true
  const reads = rule.type === 'semver' || rule.type === 'pep440' || rule.type === 'match'
  if (reads && rule.value === '') return true
  const templates = rule.line + (rule.prefix ?? flavor.prefix.text) + (rule.suffix ?? flavor.suffix.text)
  const names = [...templates.matchAll(/\{\{[{&]?\s*(branch|tag|base_ref)\b/g)].map(([, name]) => name)
  return names.some(name => fillGlobal(`{{${name}}}`) !== '')
}

const longest = 128

/**
 * Turns an invalid tag into a valid one: drops what cannot start a tag, and cuts a long one and appends a hash of the ref,
 * so that two long names stay two tags. Returns `undefined` if nothing of the name is left, or if the result would be
 * `latest` or the tag of the default branch.
 */
function repair({ before, text, after }: Made, { ref, defaultBranch }: Trigger): string | undefined {
  if (!/[a-zA-Z0-9_]/.test(text)) return undefined
  const name = sanitize(before + text + after).replace(/^[.-]+/, '')
  if (name === 'latest' || name === sanitize(defaultBranch ?? 'latest')) return undefined
  if (name.length <= longest) return isTag(name) ? name : undefined
  const end = `-${createHash('sha256').update(ref).digest('hex').slice(0, 8)}${sanitize(after)}`
  const begin = sanitize(before + text)
    .replace(/^[.-]+/, '')
    .slice(0, Math.max(0, longest - end.length))
  const cut = begin.replace(/[.-]+$/, '') + end
  return isTag(cut) ? cut : undefined
}

const noTagOf = ({ line }: Rule, { ref }: Trigger): string =>
  `\`tags\`: no tag can be made of \`${ref}\`, so the rule \`${line}\` makes none. ${tagRule}`

function latestName({ prefix, suffix }: Flavor, { fillGlobal }: View): string {
  const before = fillGlobal(prefix.onLatest ? prefix.text : '')
  return `${before}latest${fillGlobal(suffix.onLatest ? suffix.text : '')}`
}

/** Replaces each run of characters that a tag cannot have with one dash. */
const sanitize = (text: string): string => text.replace(/[^a-zA-Z0-9._-]+/g, '-')

function refuseTag(name: string, { line }: Rule, { ref, eventName }: Trigger, findings: Findings): void {
  refuse(findings, {
    input: 'tags',
    cause: `\`tags\`: the rule \`${line}\` makes \`${name}\` of this ${eventName} (\`${ref}\`), which is not a valid tag.`,
    remedy: `${tagRule} \`{{branch}}\` and \`{{tag}}\` are empty where the run is not for one.`,
  })
}
