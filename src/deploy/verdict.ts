import { isReasonCode, type ReasonCode } from './reasons.ts'

/** What the transaction came to, as it left it on the server: see deploy/agent/verdict.sh. */
export interface Verdict {
  readonly kind: VerdictKind
  /** Of the transaction: where it failed. */
  readonly stage?: string
  readonly reason?: string
  /** Absent in what an older version wrote. */
  readonly code?: ReasonCode
  /** What went wrong while it was put right again. */
  readonly second?: ReasonCode
  /** What is broken was left so, as `rollback` is off. */
  readonly left?: boolean
  /** `repo@sha256:…` by service: what serves now. A service of which nothing serves is not in it. */
  readonly deployed: Readonly<Record<string, string>>
  /** The same, of what served before. */
  readonly previous: Readonly<Record<string, string>>
  /** The same, of what was to serve; undefined where it ended before that was settled. */
  readonly wanted?: Readonly<Record<string, string>>
  /** Services that were not there and were started, besides those that are deployed; on a first deploy networks, volumes. */
  readonly made?: readonly string[]
  /** In the order in which they were gone through. */
  readonly stages: readonly { readonly stage: string; readonly milliseconds: number }[]
  /** The last lines of the containers that failed, and what their health checks said. */
  readonly output: string
}

export type VerdictKind =
  /** The new release serves. */
  | 'ok'
  /** It ended before anything that serves was touched. */
  | 'unchanged'
  /** What runs comes from a later run: nothing was changed. */
  | 'superseded'
  /** The new release failed, and the one from before serves again. */
  | 'rolled-back'
  /** The new release failed and is gone; there was none before. */
  | 'removed'
  /** Neither the new release nor the one from before could be brought to serve. */
  | 'broken'

const kinds: readonly string[] = [
  'ok',
  'unchanged',
  'superseded',
  'rolled-back',
  'removed',
  'broken',
] satisfies VerdictKind[]

/** Reads the lines of a verdict; undefined when they are not a whole one, which is never a success. */
export function parseVerdict(lines: readonly string[], output = ''): Verdict | undefined {
  const entries = lines.map(splitOnce)
  const last = entries.at(-1)?.[0]
  const all = (name: string) => entries.filter(([key]) => key === name).map(([, value]) => value)
  const [kind] = all('kind')
  if (last !== 'end' || kind === undefined || !kinds.includes(kind)) return undefined
  const [stage] = all('stage')
  const [reason] = all('reason')
  const code = all('code').find(isReasonCode)
  const second = all('second').find(isReasonCode)
  return {
    kind: kind as VerdictKind,
    ...(stage === undefined ? {} : { stage }),
    ...(reason === undefined ? {} : { reason }),
    ...(code === undefined ? {} : { code }),
    ...(second === undefined ? {} : { second }),
    ...(all('left').length === 0 ? {} : { left: true }),
    deployed: releases(all('deployed')),
    previous: releases(all('previous')),
    ...(all('wanted').length === 0 ? {} : { wanted: releases(all('wanted')) }),
    ...(all('made').length === 0 ? {} : { made: all('made') }),
    stages: all('took')
      .map(splitOnce)
      .map(([name, milliseconds]) => ({ stage: name, milliseconds: Number(milliseconds) })),
    output,
  }
}

function splitOnce(line: string): [string, string] {
  const blank = line.indexOf(' ')
  return blank < 0 ? [line, ''] : [line.slice(0, blank), line.slice(blank + 1)]
}

/** `-` stands for nothing. */
const releases = (values: readonly string[]): Record<string, string> =>
  Object.fromEntries(values.map(splitOnce).filter(([, reference]) => reference !== '-'))
