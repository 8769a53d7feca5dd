import type { Findings } from '../core/findings.ts'
import { dateExpressions, type Fill } from './expressions.ts'
import type { Rule, VersionRule } from './rules.ts'
import { isOnly } from './template.ts'
import { branchOf, pullRequestOf, type Trigger, tagOf } from './trigger.ts'

/** The tag that a rule makes, before `prefix` and `suffix`. */
interface Proposal {
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

/** Returns the tag that a rule makes of this trigger, or `undefined` if it makes none. */
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

/** Returns the text that a version rule reads: its `value`, or the git tag. */
function versionText({ value, match, line }: VersionRule, { trigger, fillGlobal, findings }: View) {
  const text = value === '' ? tagOf(trigger.ref) : fillGlobal(value)
  if (text === undefined || text === '') return undefined
  if (match === undefined) return text.replaceAll('/', '-')
  const found = match.exec(text)
  if (found === null) {
    findings.warnings.push(`\`tags\`: \`${text}\` is not what the rule \`${line}\` matches.`)
    return text.replaceAll('/', '-')
  }
  return (found[1] ?? found[0]).replaceAll('/', '-')
}

/** Applies https://semver.org. A prerelease gets its full version only, because it would move `1.2` back. */
async function proposeSemver(rule: VersionRule, view: View): Promise<Proposal | undefined> {
  const text = versionText(rule, view)
  if (text === undefined) return undefined
  const { default: parse } = await import('semver/functions/parse.js')
  const version = parse(text)
  if (version === null) return invalid(text, 'semantic version (https://semver.org)', rule, view)
  const released = version.prerelease.length === 0
  const pattern = released || isOnly('raw', rule.pattern) ? rule.pattern : '{{version}}'
  const said = view.fill(pattern, {
    raw: () => version.raw,
    version: () => version.version,
    major: () => String(version.major),
    minor: () => String(version.minor),
    patch: () => String(version.patch),
    prerelease: () => version.prerelease.join(','),
    build: () => version.build.join(','),
  })
  return { text: said, latest: released }
}

/** Applies https://peps.python.org/pep-0440. Anything but a final release gets its full version only. */
async function proposePep440(rule: VersionRule, view: View): Promise<Proposal | undefined> {
  const text = versionText(rule, view)
  if (text === undefined) return undefined
  const { clean, explain, major, minor, patch } = await import('@renovatebot/pep440')
  const found = explain(text)
  if (found === null) return invalid(text, 'PEP 440 version (https://peps.python.org/pep-0440)', rule, view)
  const version = clean(text) ?? text
  if (found.is_prerelease || found.is_postrelease || found.is_devrelease) {
    return { text: isOnly('raw', rule.pattern) ? text : version, latest: false }
  }
  const said = view.fill(rule.pattern, {
    raw: () => text,
    version: () => version,
    major: () => String(major(text)),
    minor: () => String(minor(text)),
    patch: () => String(patch(text)),
  })
  return { text: said, latest: true }
}

function invalid(text: string, scheme: string, { line }: VersionRule, { findings }: View): undefined {
  findings.warnings.push(`\`tags\`: \`${text}\` is not a ${scheme}, so the rule \`${line}\` makes no tag.`)
}
