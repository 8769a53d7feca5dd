import { setTimeout as sleep } from 'node:timers/promises'
import type { ActionRun } from '../rig/runner.ts'
import type { Version } from './images.ts'
import { type Lane, project } from './lane.ts'
import { busy } from './moments.ts'

/** Waits until no process works for the project on its server. Returns false if that does not happen in time. */
export async function waitUntilIdle(lane: Lane, milliseconds = 150_000): Promise<boolean> {
  const end = performance.now() + milliseconds
  while (busy(lane).length > 0) {
    if (performance.now() > end) return false
    await sleep(100)
  }
  return true
}

/** Waits for a response of the service. Returns the page, or undefined if there is none in time. */
export async function waitForPage(lane: Lane, milliseconds: number): Promise<string | undefined> {
  const end = performance.now() + milliseconds
  for (;;) {
    const page = await lane.page()
    if (page !== undefined || performance.now() > end) return page
    await sleep(200)
  }
}

/** A run, and the state of its server before and after it. */
export interface Outcome {
  readonly run: ActionRun
  readonly version: Version
  /** The pages that were served before the run and are served now. */
  readonly before: string
  readonly now: string
  readonly versions: readonly Version[]
}

/** Returns the differences between what a run reported and the state of its server. */
export function contradictions({ run, version, now, before, versions }: Outcome): string[] {
  const found: string[] = []
  const expect = (is: boolean, text: string) => {
    if (!is) found.push(text)
  }
  const digest = versions.find(({ page }) => page === now)?.digest ?? 'nothing'
  const { deployed, 'rolled-back': rolledBack } = run.outputs
  if (run.conclusion === 'success') {
    expect(now === version.page, `green, but ${now} is served instead of ${version.page}`)
    expect(deployed !== undefined, 'green, but `deployed` is not set')
  }
  if (run.conclusion === 'failure') expect(now === before, `red, but ${now} is served instead of ${before}`)
  if (deployed !== undefined)
    expect(deployed.endsWith(`@${digest}`), `deployed is ${deployed}, but ${now} is served`)
  if (rolledBack === 'true') expect(now === before, `rolled back, but ${now} is served`)
  for (const [text, page] of [
    [/The new release is running/, version.page],
    [/the previous release is running again/, before],
    [/Nothing was changed on the server/, before],
  ] as const) {
    const messages = `${run.annotations.map(({ message }) => message).join('\n')}\n${run.post?.log ?? ''}`
    if (text.test(messages)) expect(now === page, `reported "${text.source}", but ${now} is served`)
  }
  return found
}

/** Returns the last verdict in the server's history for a run of the action, or `-` if there is none. */
export async function verdictOf(lane: Lane, runId: string): Promise<string> {
  const history = await lane.sh(`cat .slipway/${project}/history.tsv 2>/dev/null || :`)
  const lines = history.split('\n').filter(line => line.includes(`/runs/${runId}\t`))
  return lines.at(-1)?.split('\t')[1] ?? '-'
}
