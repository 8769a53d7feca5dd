import type { HookPlan } from '../../../src/payload/hooks.ts'

export const noHooks: HookPlan = {
  hostBefore: [],
  runBefore: [],
  execBefore: [],
  runAfter: [],
  execAfter: [],
  hostAfter: [],
  timeout: 600,
}
