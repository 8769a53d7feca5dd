import type { Dial } from '../check/check.ts'
import { type CheckPlan, shownUrl } from '../check/plan.ts'

/** The result of the public check: keep the release, roll it back, or follow `check-on-lost`. */
interface CheckResult {
  readonly decision: 'keep' | 'roll' | 'lost'
  readonly why: string
}

interface CheckRuntime {
  readonly print: (line: string) => void
  readonly cancelled: AbortSignal
  /** Opens a stream from the server. If undefined, the runner requests the URL itself. */
  readonly dial: Dial | undefined
  readonly report: (result: CheckResult) => Promise<unknown>
}

/** Returns the handler of the event `ask`, which runs the check at the first `ask check` and reports its result. */
export function publicCheck(plan: CheckPlan, runtime: CheckRuntime): (what: string) => void {
  let asked = false
  return what => {
    if (asked || what !== 'check') return
    asked = true
    // If the result cannot be reported, the server decides on its own.
    void runCheck(plan, runtime)
      .then(runtime.report)
      .catch(() => undefined)
  }
}

async function runCheck(plan: CheckPlan, { print, cancelled, dial }: CheckRuntime): Promise<CheckResult> {
  const { check } = await import('../check/check.ts')
  const result = await check(plan, reason => print(`  ${reason}`), cancelled, dial)
  if (result.passed) return { decision: 'keep', why: `it answered after ${result.attempts} attempts` }
  if (cancelled.aborted) return { decision: 'lost', why: 'because the job was cancelled' }
  return { decision: 'roll', why: `${shownUrl(plan)} did not answer as it should: ${result.reason}` }
}
