import { Failure, type Problem } from '../core/errors.ts'
import { type ExactImage, isExactImage } from '../image/reference.ts'
import { isReasonCode, type ReasonCode } from './reasons.ts'

/** An image by service. */
type Images = Readonly<Record<string, ExactImage>>

/** The result of a transaction, as its script wrote it on the server: see deploy/agent/verdict.sh. */
export interface Verdict {
  readonly kind: VerdictKind
  /** The stage in which the transaction failed. */
  readonly stage?: string
  readonly reason?: string
  /** Undefined in the verdict of an older version. */
  readonly code?: ReasonCode
  /** The reason for which the rollback failed. */
  readonly second?: ReasonCode
  /** Whether the failed release was left in place, because `rollback` is false. */
  readonly leftInPlace?: boolean
  /** The images that run now, `repo@sha256:…` by service. A service without a running container is not in it. */
  readonly deployed: Images
  /** The images of the previous release. */
  readonly previous: Images
  /** The images of the new release; undefined if the run ended before it chose one. */
  readonly wanted?: Images
  /** The dependencies that the deploy started; on a first deploy also the networks and volumes that it created. */
  readonly created?: readonly string[]
  /** With the whole project: services that do not run the release and were created, recreated or removed. */
  readonly changed?: readonly { readonly service: string; readonly how: ChangedHow }[]
  /** On a Swarm, the number of tasks of each service on each node. */
  readonly places?: readonly Place[]
  /** Services that are recreated, although a relay or start-first was planned, and why. */
  readonly recreated?: readonly { readonly service: string; readonly why: string }[]
  /** The stages that ran, in order. */
  readonly stages: readonly { readonly stage: string; readonly milliseconds: number }[]
  /** The last lines of the containers that failed, and the output of their health checks. */
  readonly output: string
}

/** The number of tasks of a service on a node of a Swarm. */
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
  /** A newer run has already deployed; nothing was changed. */
  | 'superseded'
  /** The new release failed, and the previous one runs again. */
  | 'rolled-back'
  /** The new release failed and was removed; there was no previous release. */
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
 * Parses the lines of a verdict; undefined if they are incomplete, which the caller must not take for a success.
 * Throws a Failure for text that the transaction never writes: some other program has answered, and its answer is not
 * used.
 */
export function parseVerdict(lines: readonly string[], output = ''): Verdict | undefined {
  const entries = lines.map(splitOnce)
  if (entries.at(-1)?.[0] !== 'end') return undefined
  const all = (name: string) => entries.filter(([key]) => key === name).map(([, value]) => value)
  // Where nothing failed, the history of the server has `-`.
  const stage = one('stage', without('-', all('stage')), isWord)
  const [reason] = all('reason').map(sentence)
  const wanted = imagesOf('wanted', all('wanted'))
  const created = all('made').map(sentence)
  const changed = all('changed').map(changeOf)
  const places = all('placed').map(placeOf)
  const recreated = all('recreated').map(recreatedOf)
  const code = all('code').find(isReasonCode)
  const second = all('second').find(isReasonCode)
  return {
    kind: one('kind', all('kind'), isKind) ?? refuse('kind', ''),
    ...(stage === undefined ? {} : { stage }),
    ...(reason === undefined ? {} : { reason }),
    ...(code === undefined ? {} : { code }),
    ...(second === undefined ? {} : { second }),
    ...(all('left').length === 0 ? {} : { leftInPlace: true }),
    deployed: imagesOf('deployed', all('deployed')),
    previous: imagesOf('previous', all('previous')),
    ...(all('wanted').length === 0 ? {} : { wanted }),
    ...(created.length === 0 ? {} : { created }),
    ...(changed.length === 0 ? {} : { changed }),
    ...(places.length === 0 ? {} : { places }),
    ...(recreated.length === 0 ? {} : { recreated }),
    stages: all('took').map(durationOf),
    output,
  }
}

/** As the script on the server writes it; `anew` means recreated. */
export type ChangedHow = 'new' | 'anew' | 'removed'

const isHow = (text: string): text is ChangedHow => /^(?:new|anew|removed)$/.test(text)

function changeOf(value: string) {
  const [service, how] = splitOnce(value)
  return { service: checked('changed', service, isService), how: checked('changed', how, isHow) }
}

function recreatedOf(value: string) {
  const [service, why] = splitOnce(value)
  return { service: checked('recreated', service, isService), why: sentence(why) }
}

const isKind = (text: string): text is VerdictKind => kinds.includes(text)
const isWord = (text: string): text is string => /^[a-z][a-z-]{0,30}$/.test(text)
/** Compose's own rule for the names of services. */
const isService = (text: string): text is string => /^[a-zA-Z0-9._-]{1,255}$/.test(text)
/**
 * Removes control characters from text that is only displayed. It may quote docker's output, so its shape is not
 * checked.
 */
const sentence = (text: string): string => text.replaceAll(/\p{Cc}/gu, ' ').slice(0, 4000)
const isNumber = (text: string): text is string => /^\d{1,12}$/.test(text)

const without = (value: string, values: readonly string[]): string[] => values.filter(each => each !== value)

function splitOnce(line: string): [string, string] {
  const blank = line.indexOf(' ')
  return blank < 0 ? [line, ''] : [line.slice(0, blank), line.slice(blank + 1)]
}

/** Returns the value of an entry that may occur at most once; undefined if it is absent. */
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

/** Parses lines of `SERVICE IMAGE`; `-` means no image. */
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
    remedy: findImpostor,
  })
}

/** Makes an untrusted value safe to quote in a sentence: without control characters and backticks, at most 100 long. */
const shown = (value: string): string => {
  const text = value.replaceAll(/[\p{C}`]/gu, '?')
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

const findImpostor =
  'On the server, check what runs (`docker ps`), and which program answers instead of Slipway: a forced command, or ' +
  'another program named `sh` or `docker`.'

/**
 * Returns the problem with a verdict that reports success, but not exactly the images of the order; undefined if
 * none.
 */
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
    remedy: findImpostor,
  }
}
