import type { Proposal, View } from './proposals.ts'
import type { VersionRule } from './rule.ts'
import { isOnly } from './template.ts'
import { tagOf } from './trigger.ts'

/** The text that a rule of a version scheme reads: its `value`, or the git tag. */
export function versionText({ value, match, line }: VersionRule, { trigger, fillGlobal, findings }: View) {
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

/** https://semver.org. A prerelease is never more than its full version: `1.2` would move back with it. */
export async function proposeSemver(rule: VersionRule, view: View): Promise<Proposal | undefined> {
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

/** https://peps.python.org/pep-0440. What is not a final release is never more than its full version. */
export async function proposePep440(rule: VersionRule, view: View): Promise<Proposal | undefined> {
  const text = versionText(rule, view)
  if (text === undefined) return undefined
  const { clean, explain, major, minor, patch } = await import('@renovatebot/pep440')
  const found = explain(text)
  if (found === null)
    return invalid(text, 'version by PEP 440 (https://peps.python.org/pep-0440)', rule, view)
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
  findings.warnings.push(`\`tags\`: \`${text}\` is no ${scheme}, so the rule \`${line}\` makes no tag.`)
}
