import type { Findings } from '../core/findings.ts'
import { dateExpressions, type Fill } from './expressions.ts'
import type { Rule, VersionRule } from './rules.ts'
import { isOnly } from './template.ts'
import { branchOf, pullRequestOf, type Trigger, tagOf } from './trigger.ts'

/** The tag that a rule yields, without `prefix` and `suffix`. */
interface Proposal {
  readonly text: string
  /** Add `latest` if this is the first tag and `flavor` has `latest=auto`. */
  readonly latest: boolean
}

/** The trigger of the run, and how rules render their templates. */
export interface RuleContext {
  readonly trigger: Trigger
  readonly fill: Fill
  /** Renders a template with the global expressions. */
  readonly fillGlobal: (template: string) => string
  readonly findings: Findings
}

/** Returns the tag that a rule yields for the trigger; undefined if it yields none. */
export async function propose(rule: Rule, view: RuleContext): Promise<Proposal | undefined> {
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
  { trigger, fillGlobal, findings }: RuleContext,
): Proposal | undefined {
  const text = rule.value === '' ? tagOf(trigger.ref) : fillGlobal(rule.value)
  if (text === undefined || text === '') return undefined
  const matched = text.match(rule.pattern)
  const group = matched?.[rule.group]
  if (group !== undefined) return { text: group, latest: true }
  const what = matched === null ? 'does not match' : `has no group ${rule.group} in`
  findings.warnings.push(`\`tags\`: \`${text}\` ${what} the rule \`${rule.line}\`, which yields no tag.`)
  return undefined
}

function proposeEdge(ruleBranch: string, { trigger, findings }: RuleContext): Proposal | undefined {
  const branch = branchOf(trigger.ref)
  if (branch === undefined) return undefined
  const edgeBranch = ruleBranch === '' ? trigger.defaultBranch : ruleBranch
  if (edgeBranch === undefined) {
    findings.warnings.push(
      '`tags`: the event does not contain the default branch, so `type=edge` yields no tag. Set `branch=…`.',
    )
  }
  return branch === edgeBranch ? plain('edge') : undefined
}

function proposeRef(event: 'branch' | 'tag' | 'pr', { ref }: Trigger): Proposal | undefined {
  const name = { branch: branchOf, tag: tagOf, pr: pullRequestOf }[event](ref)
  return name === undefined ? undefined : { text: name, latest: event === 'tag' }
}

/** Returns the text that a version rule parses: its `value`, or the git tag. */
function versionText({ value, match, line }: VersionRule, { trigger, fillGlobal, findings }: RuleContext) {
  const text = value === '' ? tagOf(trigger.ref) : fillGlobal(value)
  if (text === undefined || text === '') return undefined
  if (match === undefined) return text.replaceAll('/', '-')
  const matched = match.exec(text)
  if (matched === null) {
    findings.warnings.push(`\`tags\`: \`${text}\` does not match \`match\` of the rule \`${line}\`.`)
    return text.replaceAll('/', '-')
  }
  return (matched[1] ?? matched[0]).replaceAll('/', '-')
}

/**
 * Applies https://semver.org. A prerelease yields only its full version: `1.2` must not move to a prerelease.
 */
async function proposeSemver(rule: VersionRule, view: RuleContext): Promise<Proposal | undefined> {
  const text = versionText(rule, view)
  if (text === undefined) return undefined
  const { default: parse } = await import('semver/functions/parse.js')
  const version = parse(text)
  if (version === null) return invalid(text, 'semantic version (https://semver.org)', rule, view)
  const released = version.prerelease.length === 0
  const pattern = released || isOnly('raw', rule.pattern) ? rule.pattern : '{{version}}'
  const tag = view.fill(pattern, {
    raw: () => version.raw,
    version: () => version.version,
    major: () => String(version.major),
    minor: () => String(version.minor),
    patch: () => String(version.patch),
    prerelease: () => version.prerelease.join(','),
    build: () => version.build.join(','),
  })
  return { text: tag, latest: released }
}

/** Applies https://peps.python.org/pep-0440. Any version but a final release yields only its full version. */
async function proposePep440(rule: VersionRule, view: RuleContext): Promise<Proposal | undefined> {
  const text = versionText(rule, view)
  if (text === undefined) return undefined
  const { clean, explain, major, minor, patch } = await import('@renovatebot/pep440')
  const parsed = explain(text)
  if (parsed === null) return invalid(text, 'PEP 440 version (https://peps.python.org/pep-0440)', rule, view)
  const version = clean(text) ?? text
  if (parsed.is_prerelease || parsed.is_postrelease || parsed.is_devrelease) {
    return { text: isOnly('raw', rule.pattern) ? text : version, latest: false }
  }
  const tag = view.fill(rule.pattern, {
    raw: () => text,
    version: () => version,
    major: () => String(major(text)),
    minor: () => String(minor(text)),
    patch: () => String(patch(text)),
  })
  return { text: tag, latest: true }
}

function invalid(text: string, scheme: string, { line }: VersionRule, { findings }: RuleContext): undefined {
  findings.warnings.push(`\`tags\`: \`${text}\` is not a ${scheme}, so the rule \`${line}\` yields no tag.`)
}
