import type { CheckPlan } from '../check/plan.ts'
import type { StartOrder } from '../compose/dependencies.ts'
import type { PayloadPlan } from './plan.ts'

/** The part of the order that travels with the image. */
export interface PayloadOrder {
  readonly plan: PayloadPlan
  readonly needs: StartOrder | undefined
  readonly check: CheckPlan | undefined
}
