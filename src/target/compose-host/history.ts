import type { Problem } from '../../core/errors.ts'
import { isExactImage, isTag } from '../../image/reference.ts'
import type { DeployedService } from '../service.ts'
import type { HistoryEntry, Project, VerifiedRelease } from './facts.ts'

/**
 * Parses the history that the transaction writes (deploy/agent/history.sh): tab-separated columns, named by the first
 * line; `-` is an empty cell. Skips lines with another number of cells: a full disk may have cut them short.
 */
export function readHistory([head = '', ...lines]: readonly string[]): HistoryEntry[] {
  const columns = head.split('\t')
  return lines
    .filter(line => line !== head)
    .map(line => line.split('\t'))
    .filter(cells => cells.length === columns.length)
    .map(cells => entryOf(name => cellOf(cells[columns.indexOf(name)])))
    .filter(isEntry)
}

/** Reports whether an entry has the form that the transaction writes; all others are ignored. */
const isEntry = ({ when, verdict, service, image, url }: HistoryEntry): boolean =>
  image.includes('@') &&
  isExactImage(image) &&
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(when) &&
  /^[a-z-]+$/.test(verdict) &&
  /^[a-zA-Z0-9._-]+$/.test(service) &&
  /^(?:https?:\/\/[!-~]+)?$/.test(url)

const cellOf = (cell = '-'): string => (cell === '-' ? '' : cell)

const entryOf = (cell: (name: string) => string): HistoryEntry => ({
  when: cell('when'),
  verdict: cell('verdict'),
  service: cell('service'),
  image: cell('image'),
  tags: cell('tags').split(' ').filter(isTag),
  commit: /^[0-9a-f]+$/.test(cell('commit')) ? cell('commit') : '',
  number: positive(cell('number')),
  url: cell('url'),
  ...(cell('id') === '' ? {} : { id: cell('id') }),
})

const positive = (text: string): number | undefined => (/^[1-9]\d*$/.test(text) ? Number(text) : undefined)

/** Parses the lines `name value` that the transaction keeps for each verified release (deploy/agent/files.sh). */
export function readVerified(lines: readonly string[]): VerifiedRelease {
  const value = (name: string) =>
    lines.find(line => line.startsWith(`${name} `))?.slice(name.length + 1) ?? ''
  return {
    service: value('service'),
    image: value('image'),
    when: value('when'),
    workflow: value('workflow'),
    ref: value('ref'),
    number: positive(value('number')),
    url: value('url'),
  }
}

/** Returns the last verified release of a service; undefined if the history has none. */
export const lastVerified = (history: readonly HistoryEntry[], service: string): HistoryEntry | undefined =>
  history.findLast(entry => entry.service === service && entry.verdict === 'ok')

/** The details by which people recognize a release. */
export interface ReleaseInfo {
  readonly commit?: string
  /** Its most specific version tag: `1.2.3`. */
  readonly version?: string
  /** The number of the run that deployed it. */
  readonly run?: number
  /** When it was verified: `2026-01-31T12:00:00Z`. */
  readonly when?: string
}

/** Returns the details of the verified releases by digest; those of its last deploy if a digest was deployed again. */
export const releasesOf = (history: readonly HistoryEntry[]): Record<string, ReleaseInfo> =>
  Object.fromEntries(
    history.filter(({ verdict }) => verdict === 'ok').map(entry => [digestOf(entry.image), infoOf(entry)]),
  )

export const digestOf = (image: string): string => image.slice(image.indexOf('@') + 1)

const infoOf = ({ commit, tags, number, when }: HistoryEntry): ReleaseInfo => {
  const version = versionOf(tags)
  return {
    ...(commit === '' ? {} : { commit }),
    ...(version === undefined ? {} : { version }),
    ...(number === undefined ? {} : { run: number }),
    ...(when === '' ? {} : { when }),
  }
}

/** Returns the most specific version tag: the longest one that looks like a version. */
export const versionOf = (tags: readonly string[]): string | undefined =>
  tags.filter(tag => /^v?\d+\.\d+/.test(tag)).sort((one, other) => other.length - one.length)[0]

/** Returns the name of a release for people: its commit, else its version, else the start of its digest. */
export function releaseName(image: string, { commit, version }: ReleaseInfo = {}): string {
  return commit?.slice(0, 7) ?? version ?? digestOf(image).replace('sha256:', '').slice(0, 12)
}

/** Returns the details that distinguish releases of one name: `1.2.3, run 8, 16:35 UTC`; empty if none are known. */
export function releaseDetails({ commit, version, run, when }: ReleaseInfo = {}, now: Date): string {
  return [
    commit === undefined ? undefined : version,
    run === undefined ? undefined : `run ${run}`,
    when === undefined ? undefined : moment(when, now),
  ]
    .filter(detail => detail !== undefined)
    .join(', ')
}

/** Returns a time in UTC, without its date if that is today; the runner and the server both use UTC. */
function moment(when: string, now: Date): string {
  const [day = '', time = ''] = when.split('T')
  return `${day === now.toISOString().slice(0, 10) ? '' : `${day} `}${time.slice(0, 5)} UTC`
}

/** Returns a release as Markdown for a sentence: `2222222 (run 8, 16:35 UTC)`, its name in backquotes. */
export function nameRelease(image: string, info: ReleaseInfo | undefined, now: Date): string {
  const details = releaseDetails(info, now)
  return `\`${releaseName(image, info)}\`${details === '' ? '' : ` (${details})`}`
}

/** Identifies a run, to compare it with the runs that deployed before it. */
export interface RunIdentity {
  /** `https://github.com/octo/app`. GitHub counts run numbers for each workflow of a repository. */
  readonly home: string
  readonly workflow: string
  readonly ref: string
  readonly number: number
  readonly commit: string
}

/**
 * Rejects a run that a newer run of the same workflow and ref has overtaken: it would move tags back to an older build,
 * and deploy nothing. The transaction applies the same rule under its lock (deploy/agent/sequence.sh). Only services
 * with containers count, or all if an earlier deploy was interrupted: it may have left none, but settling starts them
 * again.
 */
export function overtaken(
  services: readonly DeployedService[],
  { verified, history, unfinished }: Pick<Project, 'verified' | 'history' | 'unfinished'>,
  run: RunIdentity,
  now: Date,
): Problem[] {
  const running = services
    .filter(({ containers }) => containers.length > 0 || unfinished)
    .map(({ name }) => name)
  const newer = verified.find(release => running.includes(release.service) && isNewer(release, run))
  if (newer === undefined) return []
  const { service, image, when } = newer
  const info = { ...releasesOf(history)[digestOf(image)], run: newer.number, when } as ReleaseInfo
  const own = history.findLast(
    entry => entry.service === service && entry.verdict === 'ok' && entry.commit === run.commit,
  )
  return [
    {
      input: 'allow-older',
      code: 'superseded',
      cause: `A newer run of this workflow has already deployed \`${service}\`: ${nameRelease(image, info, now)}. This is run ${run.number}, so nothing was built, pushed or changed.`,
      remedy: `No action is needed. To go back on purpose, set \`allow-older: true\`, or \`rollback-to\` with a release from the server's history${own === undefined || own.image === image ? '' : ` (\`rollback-to: ${digestOf(own.image)}\` is ${run.commit.slice(0, 7)})`}.`,
    },
  ]
}

const isNewer = ({ url, workflow, ref, number }: VerifiedRelease, run: RunIdentity): boolean =>
  url.replace(/\/actions\/runs\/.*$/, '') === run.home &&
  workflow === run.workflow &&
  ref === run.ref &&
  (number ?? 0) > run.number
