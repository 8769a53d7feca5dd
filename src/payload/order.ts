import type { CheckPlan } from '../check/plan.ts'
import type { Needs } from '../compose/dependencies.ts'
import type { PayloadPlan } from './plan.ts'

/** The part of the order that travels with the image. */
export interface PayloadOrder {
  readonly plan: PayloadPlan
  readonly needs: Needs | undefined
  readonly check: CheckPlan | undefined
}
