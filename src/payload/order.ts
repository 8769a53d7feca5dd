import type { CheckPlan } from '../check/plan.ts'
import type { Needs } from '../compose/dependencies.ts'
import type { BringPlan } from './plan.ts'

/** What the transaction is told of all that comes with the image. */
export interface BringOrder {
  readonly plan: BringPlan
  readonly needs: Needs | undefined
  readonly check: CheckPlan | undefined
}
