import type { Case } from './attempt.ts'
import type { Deployed } from './deploys.ts'
import type { Version } from './images.ts'
import { contradictions, verdictOf } from './judge.ts'
import type { Lane } from './lane.ts'

/** Reports whether a change is recorded as unfinished or broken, so that the server may be in a mixed state. */
export const unfinished = async ({ sh, state }: Lane): Promise<boolean> =>
  (await sh(`ls -d ${state}/record ${state}/broken/* 2>/dev/null || :`)) !== ''

/**
 * Reports files, settings and images that are not all of one release. Also checks that each run's unique file exists if
 * and only if the release was verified.
 */
export async function mixedReleases(lane: Lane, now: string, deployed?: Deployed): Promise<string[]> {
  const found: string[] = []
  const pages = await lane.payloadPages()
  if (pages.length !== 1 || pages[0] !== now)
    found.push(`${now || 'nothing'} is served, with the files of ${pages.join(' and ')}`)
  const runFiles = (await lane.sh('ls payload/only 2>/dev/null || :')).split('\n')
  for (const { runId } of deployed?.runs ?? []) {
    const verdict = await verdictOf(lane, runId)
    if (runFiles.includes(runId) !== (verdict === 'ok'))
      found.push(
        `the history says ${verdict}, but the run's file ${runFiles.includes(runId) ? 'exists' : 'is missing'}`,
      )
  }
  return found
}

export interface Serving {
  readonly before: string
  readonly now: string
  readonly all: readonly Version[]
}

/** Returns the differences between what the runs and the history report and the state of the server. */
export async function falseReports(
  lane: Lane,
  each: Case,
  { runs }: Deployed,
  serving: Serving,
): Promise<string[]> {
  const { fault, event } = each
  const { before, now, all } = serving
  const [first, second] = runs
  if (first === undefined) return []
  const verdict = await verdictOf(lane, first.runId)
  const found: string[] = []
  if (second !== undefined) {
    if (second.run.conclusion !== 'success') found.push(`the next run is not green: ${second.run.conclusion}`)
    if (now !== second.version.page) found.push(`the next run is green, but ${now} is served`)
    // A run whose script was killed starts again after the next run has overtaken it. It is red, because it has already
    // moved the tags.
    const green = first.run.conclusion === 'success'
    if (green !== (verdict === 'ok')) found.push(`${first.run.conclusion}, but the history says ${verdict}`)
    return found
  }
  const serves = now === first.version.page
  if (serves !== (verdict === 'ok')) found.push(`the history says ${verdict}, but ${now} is served`)
  if (fault.lost === true) return found
  // An interrupted deploy may be settled to either release. This function does not know which, so it accepts both.
  const previous = event === 'settle' && !serves ? now : before
  return [
    ...found,
    ...contradictions({ run: first.run, version: first.version, before: previous, now, versions: all }),
  ]
}
