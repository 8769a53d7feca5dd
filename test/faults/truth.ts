import type { Case } from './attempt.ts'
import type { Version } from './images.ts'
import { contradictions, verdictOf } from './judge.ts'
import type { Lane } from './lane.ts'
import type { Deployed } from './ship.ts'

/** Whether a change is recorded that nobody has brought to its end, or not to a good one: half of it may be there. */
export const unfinished = async ({ sh, state }: Lane): Promise<boolean> =>
  (await sh(`ls -d ${state}/record ${state}/broken/* 2>/dev/null || :`)) !== ''

/** Where files, settings and images are not all of one release; each run's own file is there when it was verified. */
export async function mixture(lane: Lane, now: string, deployed?: Deployed): Promise<string[]> {
  const found: string[] = []
  const brought = await lane.brought()
  if (brought.length !== 1 || brought[0] !== now)
    found.push(`${now || 'nothing'} serves, with what ${brought.join(' and ')} brought`)
  const own = (await lane.sh('ls brought/only 2>/dev/null || :')).split('\n')
  for (const { runId } of deployed?.runs ?? []) {
    const verdict = await verdictOf(lane, runId)
    if (own.includes(runId) !== (verdict === 'ok'))
      found.push(`the history says ${verdict}, and its own file is ${own.includes(runId) ? '' : 'not '}there`)
  }
  return found
}

export interface Serving {
  readonly before: string
  readonly now: string
  readonly all: readonly Version[]
}

/** Where what the runs and the history say is not what the server does. */
export async function lies(lane: Lane, each: Case, { runs }: Deployed, serving: Serving): Promise<string[]> {
  const { fault, event } = each
  const { before, now, all } = serving
  const [first, second] = runs
  if (first === undefined) return []
  const verdict = await verdictOf(lane, first.runId)
  const found: string[] = []
  if (second !== undefined) {
    if (second.run.conclusion !== 'success') found.push(`the next one is not green: ${second.run.conclusion}`)
    if (now !== second.version.page) found.push(`the next one is green, and ${now} serves`)
    // One whose script was killed begins again, and is overtaken by then: it is red, as it has moved the tags.
    const green = first.run.conclusion === 'success'
    if (green !== (verdict === 'ok')) found.push(`${first.run.conclusion}, and the history says ${verdict}`)
    return found
  }
  const serves = now === first.version.page
  if (serves !== (verdict === 'ok')) found.push(`the history says ${verdict}, and ${now} serves`)
  if (fault.lost === true) return found
  // What half a deploy left serves as either of two: which one it settled on is not known here.
  const known = event === 'settle' && !serves ? now : before
  return [
    ...found,
    ...contradictions({ run: first.run, version: first.version, before: known, now, versions: all }),
  ]
}
