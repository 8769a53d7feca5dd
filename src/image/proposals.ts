import type { Findings } from '../core/findings.ts'
import { dateExpressions, type Fill } from './expressions.ts'
import type { Rule } from './rule.ts'
import { branchOf, pullRequestOf, type Trigger, tagOf } from './trigger.ts'
import { proposePep440, proposeSemver } from './versions.ts'

/** What a rule makes of the trigger, before `prefix` and `suffix`. */
export interface Proposal {
  readonly text: string
  /** Whether `latest` goes with it, where `flavor` leaves that to the rule. */
  readonly latest: boolean
}

/** What the rules look at. */
export interface View {
  readonly trigger: Trigger
  readonly fill: Fill
  /** Fills in the global expressions. */
  readonly fillGlobal: (template: string) => string
  readonly findings: Findings
}

/** The tag that a rule makes of this trigger; `undefined`: none. */
export async function propose(rule: Rule, view: View): Promise<Proposal | undefined> {
  const { trigger, fill, fillGlobal } = view
  switch (rule.type) {
    case 'schedule':
      return trigger.eventName.includes('schedule')
        ? plain(fill(rule.pattern, dateExpressions(trigger)))
        : undefined
    case 'semver':
      return await proposeSemver(rule, view)
    case 'pep440':
      return await proposePep440(rule, view)
    case 'match':
      return proposeMatch(rule, view)
    case 'edge':
      return proposeEdge(rule.branch, view)
    case 'ref':
      return proposeRef(rule.event, trigger)
    case 'raw':
      return plain(fillGlobal(rule.value))
    case 'sha':
      return trigger.sha === '' ? undefined : plain(rule.format === 'long' ? trigger.sha : trigger.shortSha)
  }
}

const plain = (text: string): Proposal => ({ text, latest: false })

function proposeMatch(
  rule: Rule & { type: 'match' },
  { trigger, fillGlobal, findings }: View,
): Proposal | undefined {
  const text = rule.value === '' ? tagOf(trigger.ref) : fillGlobal(rule.value)
  if (text === undefined || text === '') return undefined
  const found = text.match(rule.pattern)
  const group = found?.[rule.group]
  if (group !== undefined) return { text: group, latest: true }
  const what = found === null ? 'does not match' : `has no group ${rule.group} in`
  findings.warnings.push(`\`tags\`: \`${text}\` ${what} the rule \`${rule.line}\`, which makes no tag.`)
  return undefined
}

function proposeEdge(given: string, { trigger, findings }: View): Proposal | undefined {
  const branch = branchOf(trigger.ref)
  if (branch === undefined) return undefined
  const wanted = given === '' ? trigger.defaultBranch : given
  if (wanted === undefined) {
    findings.warnings.push(
      '`tags`: the event does not name the default branch, so `type=edge` makes no tag. Give it as `branch=…`.',
    )
  }
  return branch === wanted ? plain('edge') : undefined
}

function proposeRef(event: 'branch' | 'tag' | 'pr', { ref }: Trigger): Proposal | undefined {
  const found = { branch: branchOf, tag: tagOf, pr: pullRequestOf }[event](ref)
  return found === undefined ? undefined : { text: found, latest: event === 'tag' }
}
