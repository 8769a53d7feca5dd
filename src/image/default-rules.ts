import type { Flavor } from './flavor.ts'
import { branchOf, type Trigger, tagOf } from './trigger.ts'

/**
 * Returns the rules for an empty `tags`: the defaults of docker/metadata-action, plus the commit and the parts of a
 * version tag. Only a version tag and the default branch get `latest`; with docker/metadata-action every git tag does,
 * even `v2-broken`.
 */
export function defaultRules(trigger: Trigger): string {
  const tag = tagOf(trigger.ref)
  const version = versionPattern.exec(tag ?? '')
  const tagRules = version === null ? ['type=raw,priority=600,value={{tag}}'] : versionRules(version[1])
  return [
    'type=schedule',
    'type=ref,event=branch',
    'type=ref,event=pr',
    ...(tag === undefined ? [] : tagRules),
    'type=sha',
  ].join('\n')
}

/** Adds `latest` on the default branch, unless `flavor` says otherwise. */
export const defaultFlavor = (flavor: Flavor, { onDefaultBranch, ref }: Trigger): Flavor =>
  flavor.latest === 'auto' && onDefaultBranch && branchOf(ref) !== undefined
    ? { ...flavor, latest: 'true' }
    : flavor

const versionPattern =
  /^v?(0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/

/** Omits the tag `0`: before 1.0.0, every minor version may be incompatible (https://semver.org/#spec-item-4). */
const versionRules = (major: string | undefined): string[] => [
  'type=semver,pattern={{version}}',
  'type=semver,pattern={{major}}.{{minor}}',
  ...(major === '0' ? [] : ['type=semver,pattern={{major}}']),
  'type=ref,event=tag',
]
