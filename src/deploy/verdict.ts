import { Failure, type Problem } from '../core/errors.ts'
import { type ExactImage, isExactImage } from '../image/reference.ts'
import { isReasonCode, type ReasonCode } from './reasons.ts'

/** An image by service. */
type Images = Readonly<Record<string, ExactImage>>

/** What the transaction came to, as it left it on the server: see deploy/agent/verdict.sh. */
export interface Verdict {
  readonly kind: VerdictKind
  /** Of the transaction: where it failed. */
  readonly stage?: string
  readonly reason?: string
  /** Absent in what an older version wrote. */
  readonly code?: ReasonCode
  /** What failed during the rollback. */
  readonly second?: ReasonCode
  /** The failed release was left in place, as `rollback` is false. */
  readonly left?: boolean
  /** `repo@sha256:…` by service: what runs now. A service without a running container is not in it. */
  readonly deployed: Images
  /** The same for the previous release. */
  readonly previous: Images
  /** The same for the new release; undefined if the run ended before it was chosen. */
  readonly wanted?: Images
  /** Dependencies that the deploy started; on a first deploy also networks and volumes. */
  readonly made?: readonly string[]
  /** Of the whole project: what became of services that do not run the release. */
  readonly changed?: readonly { readonly service: string; readonly how: ChangedHow }[]
  /** On a Swarm: how many tasks of a service run on a node. */
  readonly places?: readonly Place[]
  /** In order. */
  readonly stages: readonly { readonly stage: string; readonly milliseconds: number }[]
  /** The last lines of the containers that failed, and what their health checks said. */
  readonly output: string
}

/** Tasks of a service on a node of a Swarm. */
export interface Place {
  readonly service: string
  readonly node: string
  readonly tasks: number
}

export type VerdictKind =
  /** The new release runs, verified. */
  | 'ok'
  /** The run ended before it changed anything. */
  | 'unchanged'
  /** A later run has deployed already: nothing was changed. */
  | 'superseded'
  /** The new release failed, and the previous one runs again. */
  | 'rolled-back'
  /** The new release failed and is gone; there was none before. */
  | 'removed'
  /** The new release failed, and not everything could be restored. */
  | 'broken'

const kinds: readonly string[] = [
  'ok',
  'unchanged',
  'superseded',
  'rolled-back',
  'removed',
  'broken',
] satisfies VerdictKind[]

/**
 * Reads the lines of a verdict; undefined when they are not a whole one, which is never a success. Rejects what the
 * transaction cannot have written with a Failure: something else answers there, and nothing that it says is used.
 */
export function parseVerdict(lines: readonly string[], output = ''): Verdict | undefined {
  const entries = lines.map(splitOnce)
  if (entries.at(-1)?.[0] !== 'end') return undefined
  const all = (name: string) => entries.filter(([key]) => key === name).map(([, value]) => value)
  // A history has `-` where nothing failed.
  const stage = one('stage', without('-', all('stage')), isWord)
  const [reason] = all('reason').map(sentence)
  const wanted = imagesOf('wanted', all('wanted'))
  const made = all('made').map(sentence)
  const changed = all('changed').map(changeOf)
  const places = all('placed').map(placeOf)
  const code = all('code').find(isReasonCode)
  const second = all('second').find(isReasonCode)
  return {
    kind: one('kind', all('kind'), isKind) ?? refuse('kind', ''),
    ...(stage === undefined ? {} : { stage }),
    ...(reason === undefined ? {} : { reason }),
    ...(code === undefined ? {} : { code }),
    ...(second === undefined ? {} : { second }),
    ...(all('left').length === 0 ? {} : { left: true }),
    deployed: imagesOf('deployed', all('deployed')),
    previous: imagesOf('previous', all('previous')),
    ...(all('wanted').length === 0 ? {} : { wanted }),
    ...(made.length === 0 ? {} : { made }),
    ...(changed.length === 0 ? {} : { changed }),
    ...(places.length === 0 ? {} : { places }),
    stages: all('took').map(durationOf),
    output,
  }
}

export type ChangedHow = 'new' | 'anew' | 'removed'

const isHow = (text: string): text is ChangedHow => /^(?:new|anew|removed)$/.test(text)

function changeOf(value: string) {
  const [service, how] = splitOnce(value)
  return { service: checked('changed', service, isService), how: checked('changed', how, isHow) }
}

const isKind = (text: string): text is VerdictKind => kinds.includes(text)
const isWord = (text: string): text is string => /^[a-z][a-z-]{0,30}$/.test(text)
/** Compose's own rule for the names of services. */
const isService = (text: string): text is string => /^[a-zA-Z0-9._-]{1,255}$/.test(text)
/** Text that is shown and used for nothing else: it may quote what docker said. */
const sentence = (text: string): string => text.replaceAll(/\p{Cc}/gu, ' ').slice(0, 4000)
const isNumber = (text: string): text is string => /^\d{1,12}$/.test(text)

const without = (value: string, values: readonly string[]): string[] => values.filter(each => each !== value)

function splitOnce(line: string): [string, string] {
  const blank = line.indexOf(' ')
  return blank < 0 ? [line, ''] : [line.slice(0, blank), line.slice(blank + 1)]
}

/** The value of an entry that comes once at most. */
function one<T extends string>(
  field: string,
  [value, ...more]: readonly string[],
  is: (text: string) => text is T,
): T | undefined {
  if (value === undefined) return undefined
  return checked(field, more.length === 0 ? value : [value, ...more].join(' and '), is)
}

function checked<T extends string>(field: string, value: string, is: (text: string) => text is T): T {
  return is(value) ? value : refuse(field, value)
}

/** Lines of `SERVICE IMAGE`; `-` stands for no image. */
function imagesOf(field: string, values: readonly string[]): Images {
  const entries = values.map(splitOnce).map(([service, image]) => {
    checked(field, service, isService)
    return image === '-' ? undefined : [service, checked(`${field}\` of \`${service}`, image, isExactImage)]
  })
  return Object.fromEntries(entries.filter(entry => entry !== undefined))
}

function placeOf(value: string): Place {
  const [service, rest] = splitOnce(value)
  const [node, tasks] = splitOnce(rest)
  return {
    service: checked('placed', service, isService),
    node: checked('placed', node, isService),
    tasks: Number(checked('placed', tasks, isNumber)),
  }
}

function durationOf(value: string): Verdict['stages'][number] {
  const [stage, milliseconds] = splitOnce(value)
  return {
    stage: checked('took', stage, isWord),
    milliseconds: Number(checked('took', milliseconds, isNumber)),
  }
}

function refuse(field: string, value: string): never {
  throw new Failure('deploy', {
    cause: `The verdict of the server cannot be trusted: it gives \`${field}\` as \`${shown(value)}\`, which Slipway never writes there.`,
    remedy: somethingElse,
  })
}

/** A value that nothing is known of, in a sentence. */
const shown = (value: string): string => {
  const text = value.replaceAll(/[\p{C}`]/gu, '?')
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

const somethingElse =
  'Look at what runs there (`docker ps`), and at what answers in the place of Slipway: a forced command, or ' +
  'another program under the name of `sh` or `docker`.'

/** Returns what is wrong with a verdict for an order: a success must run exactly what was ordered. Undefined if nothing is. */
export function contradiction(
  { kind, deployed }: Verdict,
  services: readonly { readonly name: string; readonly image: string | undefined }[],
): Problem | undefined {
  if (kind !== 'ok') return undefined
  const other = services.find(({ name, image }) => {
    const runs = deployed[name]
    return runs === undefined || (image !== undefined && runs !== image)
  })
  if (other === undefined) return undefined
  const runs = deployed[other.name]
  const what = runs === undefined ? 'nothing' : `\`${runs}\``
  const ordered = other.image === undefined ? 'an earlier release' : `\`${other.image}\``
  return {
    cause: `The server reports success, but says that \`${other.name}\` runs ${what}; ${ordered} was ordered.`,
    remedy: somethingElse,
  }
}
