import type { Problem } from '../../core/errors.ts'
import { isExactImage, isTag } from '../../image/reference.ts'
import type { DeployedService } from '../service.ts'
import type { HistoryEntry, Project, VerifiedRelease } from './facts.ts'

/**
 * Reads the history that the transaction writes (deploy/agent/history.sh): columns with a tab between them, named
 * by the first line; `-` stands for nothing. Lines of another shape are passed over: a disk may have been full.
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

/** What the transaction writes; whatever else stands there is not believed. */
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

/** Reads lines of `name value` that the transaction keeps for each verified release (deploy/agent/files.sh). */
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

/** What a service was last verified with; undefined when there is no such line. */
export const lastVerified = (history: readonly HistoryEntry[], service: string): HistoryEntry | undefined =>
  history.findLast(entry => entry.service === service && entry.verdict === 'ok')

/** What people know a release by. */
export interface ReleaseInfo {
  readonly commit?: string
  /** The most telling of its tags: `1.2.3`. */
  readonly version?: string
  /** The number of the run that deployed it. */
  readonly run?: number
  /** When it was verified: `2026-01-31T12:00:00Z`. */
  readonly when?: string
}

/** Returns what is known of the verified releases, by digest; of a release that came back, its last deploy. */
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

/** Returns the tag that names one release only: the longest that looks like a version. */
export const versionOf = (tags: readonly string[]): string | undefined =>
  tags.filter(tag => /^v?\d+\.\d+/.test(tag)).sort((one, other) => other.length - one.length)[0]

/** A release by what a person knows: its commit, else its version, else the start of its digest. */
export function releaseName(image: string, { commit, version }: ReleaseInfo = {}): string {
  return commit?.slice(0, 7) ?? version ?? digestOf(image).replace('sha256:', '').slice(0, 12)
}

/** What tells it from others of that name: `1.2.3, run 8, 16:35 UTC`; empty where nothing is known. */
export function releaseDetails({ commit, version, run, when }: ReleaseInfo = {}, now: Date): string {
  return [
    commit === undefined ? undefined : version,
    run === undefined ? undefined : `run ${run}`,
    when === undefined ? undefined : moment(when, now),
  ]
    .filter(detail => detail !== undefined)
    .join(', ')
}

/** The time alone on the same day; the runner and the server both tell UTC. */
function moment(when: string, now: Date): string {
  const [day = '', time = ''] = when.split('T')
  return `${day === now.toISOString().slice(0, 10) ? '' : `${day} `}${time.slice(0, 5)} UTC`
}

/** A release in a sentence: `2222222 (run 8, 16:35 UTC)`, its name in backquotes. */
export function nameRelease(image: string, info: ReleaseInfo | undefined, now: Date): string {
  const details = releaseDetails(info, now)
  return `\`${releaseName(image, info)}\`${details === '' ? '' : ` (${details})`}`
}

/** What a run is compared by with the runs that deployed before it. */
export interface RunIdentity {
  /** `https://github.com/octo/app`: numbers are counted by repository and workflow. */
  readonly home: string
  readonly workflow: string
  readonly ref: string
  readonly number: number
  readonly commit: string
}

/**
 * Rejects a run that a newer run of the same workflow and ref has overtaken: it would move tags back to an older build,
 * and deploy nothing. The transaction decides by the same rule under its lock (deploy/agent/sequence.sh). A cut deploy may
 * have left no container, and what is settled serves again.
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
      remedy: `No action is needed. To go back on purpose, set \`allow-older: true\`, or \`rollback-to\` with a release from the server's history${own === undefined || own.image === image ? '' : ` (\`rollback-to: ${digestOf(own.image).slice(0, 19)}\` is ${run.commit.slice(0, 7)})`}.`,
    },
  ]
}

const isNewer = ({ url, workflow, ref, number }: VerifiedRelease, run: RunIdentity): boolean =>
  url.replace(/\/actions\/runs\/.*$/, '') === run.home &&
  workflow === run.workflow &&
  ref === run.ref &&
  (number ?? 0) > run.number
