import type { Dial } from '../check/check.ts'
import type { CheckPlan } from '../check/plan.ts'
import { frontLine } from '../payload/order.ts'

/** What the transaction is told of the front door: keep the release, roll it back, or decide as it was told before. */
export interface Word {
  readonly word: 'keep' | 'roll' | 'lost'
  readonly why: string
}

/** Asks the front door once the transaction's log says that it is waited for; each line of the log goes through it. */
export interface FrontWatch {
  readonly tell: (line: string) => void
}

export interface FrontWorld {
  readonly tell: (line: string) => void
  readonly cancelled: AbortSignal
  /** Opens a stream from the server on; undefined: the runner asks by itself. */
  readonly dial: Dial | undefined
  readonly say: (word: Word) => Promise<unknown>
}

export function watchFront(plan: CheckPlan, world: FrontWorld): FrontWatch {
  let asked = false
  return {
    tell(line) {
      world.tell(line)
      if (asked || line !== frontLine(plan)) return
      asked = true
      // Where it cannot be said, the server decides by itself.
      void ask(plan, world)
        .then(world.say)
        .catch(() => undefined)
    },
  }
}

async function ask(plan: CheckPlan, { tell, cancelled, dial }: FrontWorld): Promise<Word> {
  const { check } = await import('../check/check.ts')
  const result = await check(plan, reason => tell(`  ${reason}`), cancelled, dial)
  if (result.passed) return { word: 'keep', why: `it answered after ${result.attempts} attempts` }
  if (cancelled.aborted) return { word: 'lost', why: 'as the job was cancelled' }
  return { word: 'roll', why: `${plan.url.href} did not answer as it should: ${result.reason}` }
}
