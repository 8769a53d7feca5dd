import type { Dial } from '../check/check.ts'
import type { CheckPlan } from '../check/plan.ts'

/** The answer to the transaction after the public check: keep the release, roll it back, or follow `check-on-lost`. */
interface CheckAnswer {
  readonly word: 'keep' | 'roll' | 'lost'
  readonly why: string
}

interface CheckRuntime {
  readonly tell: (line: string) => void
  readonly cancelled: AbortSignal
  /** Opens a stream from the server on; undefined: the runner asks by itself. */
  readonly dial: Dial | undefined
  readonly say: (word: CheckAnswer) => Promise<unknown>
}

/** Returns what to call when the transaction asks for `check`; it asks once. */
export function publicCheck(plan: CheckPlan, runtime: CheckRuntime): (what: string) => void {
  let asked = false
  return what => {
    if (asked || what !== 'check') return
    asked = true
    // Where it cannot be said, the server decides by itself.
    void ask(plan, runtime)
      .then(runtime.say)
      .catch(() => undefined)
  }
}

async function ask(plan: CheckPlan, { tell, cancelled, dial }: CheckRuntime): Promise<CheckAnswer> {
  const { check } = await import('../check/check.ts')
  const result = await check(plan, reason => tell(`  ${reason}`), cancelled, dial)
  if (result.passed) return { word: 'keep', why: `it answered after ${result.attempts} attempts` }
  if (cancelled.aborted) return { word: 'lost', why: 'as the job was cancelled' }
  return { word: 'roll', why: `${plan.url.href} did not answer as it should: ${result.reason}` }
}
