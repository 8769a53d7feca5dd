import { setTimeout as sleep } from 'node:timers/promises'
import type { ActionRun } from '../rig/runner.ts'
import type { Version } from './images.ts'
import { type Lane, project } from './lane.ts'
import { busy } from './moments.ts'

/** Waits until nothing works for the project on its server any more. False: it never ended. */
export async function quiet(lane: Lane, milliseconds = 150_000): Promise<boolean> {
  const end = performance.now() + milliseconds
  while (busy(lane).length > 0) {
    if (performance.now() > end) return false
    await sleep(100)
  }
  return true
}

/** What the service answers, once it does. */
export async function served(lane: Lane, milliseconds: number): Promise<string | undefined> {
  const end = performance.now() + milliseconds
  for (;;) {
    const page = await lane.page()
    if (page !== undefined || performance.now() > end) return page
    await sleep(200)
  }
}

export interface Told {
  readonly run: ActionRun
  readonly version: Version
  /** By its page: what served before, and serves now. */
  readonly before: string
  readonly now: string
  readonly versions: readonly Version[]
}

/** How what a run said differs from what its server does. */
export function contradictions({ run, version, now, before, versions }: Told): string[] {
  const found: string[] = []
  const expect = (is: boolean, text: string) => {
    if (!is) found.push(text)
  }
  const digest = versions.find(({ page }) => page === now)?.digest ?? 'nothing'
  const { deployed, 'rolled-back': rolledBack } = run.outputs
  if (run.conclusion === 'success') {
    expect(now === version.page, `green, and ${now} serves instead of ${version.page}`)
    expect(deployed !== undefined, 'green, and nothing is deployed')
  }
  if (run.conclusion === 'failure') expect(now === before, `red, and ${now} serves instead of ${before}`)
  if (deployed !== undefined)
    expect(deployed.endsWith(`@${digest}`), `deployed is ${deployed}, and ${now} serves`)
  if (rolledBack === 'true') expect(now === before, `rolled back, and ${now} serves`)
  for (const [text, page] of [
    [/The new release is running/, version.page],
    [/the previous release is running again/, before],
    [/Nothing was changed on the server/, before],
  ] as const) {
    const told = `${run.annotations.map(({ message }) => message).join('\n')}\n${run.post?.log ?? ''}`
    if (text.test(told)) expect(now === page, `said "${text.source}", and ${now} serves`)
  }
  return found
}

/** The last verdict of the server's history for a run of the action, `-` when it has none. */
export async function verdictOf(lane: Lane, runId: string): Promise<string> {
  const history = await lane.sh(`cat .slipway/${project}/history.tsv 2>/dev/null || :`)
  const lines = history.split('\n').filter(line => line.includes(`/runs/${runId}\t`))
  return lines.at(-1)?.split('\t')[1] ?? '-'
}
