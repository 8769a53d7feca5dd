/** What every rule for a tag has. Templates are filled in when the tag is made. */
interface Common {
  /** The line it was read from, for messages. */
  readonly line: string
  /** A template that says `true` or `false`. */
  readonly enable: string
  /** Higher comes first; the first tag is the version. */
  readonly priority: number
  /** Templates; `undefined`: those of `flavor`. */
  readonly prefix: string | undefined
  readonly suffix: string | undefined
}

/** What a rule of each type has; `pattern`, `value` and `branch` are templates, save for `match`. */
export type Kind =
  | { readonly type: 'schedule'; readonly pattern: string }
  /** `value` empty: the git tag. `match` has one group, the version; `undefined`: all of it is. */
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

export type RuleType = Kind['type']

/** A rule that makes tags by a version scheme. */
export type VersionRule = Common & Extract<Kind, { type: 'semver' | 'pep440' }>

/** The priority of a rule that has none of its own. */
export const priorities: Readonly<Record<RuleType, number>> = {
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

/** The attributes that mean something in a rule of each type. */
export const attributeNames: Readonly<Record<RuleType, readonly string[]>> = {
  schedule: [...common, 'pattern'],
  semver: [...common, 'pattern', 'value', 'match'],
  pep440: [...common, 'pattern', 'value', 'match'],
  match: [...common, 'pattern', 'group', 'value'],
  edge: [...common, 'branch'],
  ref: [...common, 'event'],
  raw: [...common, 'value'],
  sha: [...common, 'format'],
}

/** A tag as it stands. */
export const rawRule = (value: string, line = value): Rule => ({
  type: 'raw',
  value,
  line,
  enable: 'true',
  priority: priorities.raw,
  prefix: undefined,
  suffix: undefined,
})
