import type { Findings } from '../core/findings.ts'
import { parseBoolean } from '../inputs/values.ts'
import { filler, globalExpressions, refuse } from './expressions.ts'
import type { Flavor } from './flavor.ts'
import { propose, type View } from './proposals.ts'
import { isTag, tagRule } from './reference.ts'
import type { Rule } from './rule.ts'
import type { Trigger } from './trigger.ts'

/** The tags that the rules make, without the image. */
export interface Version {
  /** The first tag, which is the image's version; empty where no rule made one. */
  readonly main: string
  /** All of them, `main` first and `latest` last, none twice. */
  readonly tagNames: readonly string[]
}

/** Applies the rules, which are in the order of their priority. */
export async function nameVersion(
  rules: readonly Rule[],
  flavor: Flavor,
  trigger: Trigger,
  findings: Findings,
): Promise<Version> {
  const view = viewOf(trigger, findings)
  const tagNames: string[] = []
  let latest: boolean | undefined
  for (const rule of rules) {
    const proposal = enabled(rule, view) ? await propose(rule, view) : undefined
    const name = proposal === undefined ? '' : sanitize(affixed(proposal.text, rule, flavor, view))
    if (proposal === undefined || name === '') continue
    if (!isTag(name)) refuseTag(name, rule, trigger, findings)
    tagNames.push(name)
    // The first tag decides.
    latest ??= flavor.latest === 'auto' ? proposal.latest : flavor.latest === 'true'
  }
  if (latest === true) tagNames.push(sanitize(latestName(flavor, view)))
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

/** A rule's own prefix and suffix, be they empty, come before those of `flavor`. */
function affixed(text: string, rule: Rule, flavor: Flavor, { fillGlobal }: View): string {
  return fillGlobal(rule.prefix ?? flavor.prefix.text) + text + fillGlobal(rule.suffix ?? flavor.suffix.text)
}

function latestName({ prefix, suffix }: Flavor, { fillGlobal }: View): string {
  const before = fillGlobal(prefix.onLatest ? prefix.text : '')
  return `${before}latest${fillGlobal(suffix.onLatest ? suffix.text : '')}`
}

/** What cannot stand in a tag becomes a dash, a run of it one. */
const sanitize = (text: string): string => text.replace(/[^a-zA-Z0-9._-]+/g, '-')

function refuseTag(name: string, { line }: Rule, { ref, eventName }: Trigger, findings: Findings): void {
  refuse(findings, {
    input: 'tags',
    cause: `\`tags\`: the rule \`${line}\` makes \`${name}\` of this ${eventName} (\`${ref}\`), which is no tag.`,
    remedy: `${tagRule} \`{{branch}}\` and \`{{tag}}\` are empty where the run is not for one.`,
  })
}
