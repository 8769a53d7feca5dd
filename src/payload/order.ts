import type { CheckPlan } from '../check/plan.ts'
import type { Needs } from '../compose/dependencies.ts'
import type { ServiceHook } from './hooks.ts'
import type { BringPlan } from './plan.ts'

/** What the transaction is told of all that comes with the image. */
export interface BringOrder {
  readonly plan: BringPlan
  readonly needs: Needs | undefined
  readonly check: CheckPlan | undefined
}

/** Seconds beside `check-timeout` until the server decides without the runner: to come back after a drop. */
const margin = 60

/** Separates the words of a command; no word has one. */
const unit = '\x1f'

/** Lines of `name value` for the transaction: see deploy/agent/bring.sh. Nobody waits for `others` that nobody needs. */
export function bringLines(
  { plan, needs, check }: BringOrder,
  others: ReadonlySet<string> = new Set(),
): (readonly [string, string])[] {
  const { hooks } = plan
  // The service, then the arguments of Compose.
  const inService = (name: string) => (hook: ServiceHook) =>
    [name, [hook.service, ...hook.options, hook.service, ...hook.words].join(unit)] as const
  const waves = needs === undefined || needs.waves.length < 2 ? [] : needs.waves
  return [
    ['settings-file', plan.envFile] as const,
    ...hooks.hostBefore.map(line => ['host-before', line] as const),
    ...hooks.runBefore.map(inService('run-before')),
    ...hooks.execBefore.map(inService('exec-before')),
    ...hooks.runAfter.map(inService('run-after')),
    ...hooks.execAfter.map(inService('exec-after')),
    ...hooks.hostAfter.map(line => ['host-after', line] as const),
    ['hook-timeout', String(hooks.timeout)] as const,
    ...(needs?.dependencies ?? []).map(
      ({ name, condition, image = '-' }) => ['dependency', `${name} ${condition} ${image}`] as const,
    ),
    ...waves.map(
      wave =>
        [
          'wave',
          wave
            .map(
              ({ name, condition }) =>
                `${name}=${others.has(name) && condition === 'started' ? 'any' : condition}`,
            )
            .join(' '),
        ] as const,
    ),
    ...(check === undefined ? [] : checkLines(check)),
    ...(plan.allowOlder ? [['allow-older', 'true'] as const] : []),
  ]
}

const checkLines = ({ url, timeout, onLost }: CheckPlan) => [
  ['front', url.href] as const,
  ['front-limit', String(timeout + margin)] as const,
  ['on-lost', onLost] as const,
]
