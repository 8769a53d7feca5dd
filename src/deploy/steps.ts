import type { BringOrder } from '../payload/order.ts'
import { quote } from '../ssh/remote-command.ts'
import type { TargetFacts } from '../target/compose-host/facts.ts'
import type { DeployPlan } from '../target/plan.ts'
import { type StageName, stages } from './stages.ts'

/*
 * What the server does, as a list: {@link planOf} chooses a strategy's steps and their literal arguments,
 * {@link renderPlan} makes the end of the script of them. A step is one call of a primitive in src/deploy/agent, which
 * looks at the live state itself: it does nothing where there is nothing to do, and after `fail CODE TEXT` it returns 1.
 *
 * To add a strategy: write a function from `Change` to `Plan` beside `recreate` and `ahead`, of the same parts; name it
 * in `strategies`; give each new stage its row in stages.ts, and each new primitive its function in src/deploy/agent.
 */

/** One call of a primitive. */
export interface Step {
  readonly call: readonly [primitive: string, ...args: string[]]
  /** The stage that it begins, if it begins one. */
  readonly stage?: StageName
  /** Takes back what the record says that the call did. Safe to run again, and where the call was never made. */
  readonly undo?: string
  /** Whether a service is rehearsed is known only on the server, where one that does not run has nothing to lose. */
  readonly only?: 'rehearsed' | 'not rehearsed'
}

export interface Plan {
  /** Until the last of them the service is not touched: when one fails or the run is cut, those before are undone. */
  readonly prepare: readonly Step[]
  /** When one fails, what ran before is restored. After a cut the next run goes by `cut` of the stage: stages.ts. */
  readonly change: readonly Step[]
}

/** What of an order the steps depend on. */
export interface Change {
  readonly services: readonly { readonly name: string }[]
  readonly plan: Pick<DeployPlan, 'rollbackTo'>
  readonly facts: Pick<TargetFacts, 'strategies' | 'swarm' | 'whole'>
  readonly bring?: {
    readonly plan: Pick<BringOrder['plan'], 'hooks' | 'allowOlder'>
    readonly needs: BringOrder['needs']
    readonly check: unknown
  }
}

const strategies = { recreate, ahead, swarm } as const

export const planOf = (change: Change): Plan => strategies[strategyOf(change.facts)](change)

function strategyOf({ swarm: onSwarm, strategies: chosen = [] }: Change['facts']): keyof typeof strategies {
  if (onSwarm !== undefined) return 'swarm'
  return chosen.some(({ strategy }) => strategy !== 'recreate') ? 'ahead' : 'recreate'
}

/** Compose replaces the containers in place. */
function recreate(change: Change): Plan {
  const after = commandsAfter(change, 'after')
  const switched: Step[] = [
    ...up(change),
    ...proven,
    ...after,
    ...publicCheck(change, 'front'),
    stillServes,
    ...kept,
  ]
  return { prepare: [...opening(change, switched), ...commandsBefore(change)], change: switched }
}

/**
 * The new release runs beside the one that serves, and gets the traffic before that is touched. Relay: it is rehearsed in
 * containers that go again, and serves while Compose recreates those of the service. Start-first: its containers stay,
 * and the old ones are withdrawn from their proxy, then removed. A deploy may have services of both kinds. Commands in a
 * new container and the public check come before the service is touched.
 */
function ahead(change: Change): Plan {
  const uses = (kind: string, ...steps: Step[]): Step[] =>
    change.facts.strategies?.some(({ strategy }) => strategy === kind) === true ? steps : []
  const early = commandsAfter(change, 'rehearse-after').filter(isInNewContainer)
  const after = commandsAfter(change, 'after')
  const late = after.filter(step => !isInNewContainer(step))
  const switched: Step[] = [
    ...up(change),
    ...uses('start-first', { call: ['gate_others'] }, { call: ['replace_old'] }),
    ...proven,
    ...only('not rehearsed', after),
    ...only('rehearsed', late),
    ...only('not rehearsed', publicCheck(change, 'front')),
    stillServes,
    ...uses('relay', { call: ['direct'], stage: 'direct' }),
    ...kept,
  ]
  // All commands have run in it by then.
  const whole = early.length > 0 && late.length === 0 ? [forwardIn(switched, [])] : []
  const rehearsed: Step[] = [
    ...uses(
      'start-first',
      { call: ['let_proxies_find'], stage: 'beside-proxy' },
      { call: ['withdraw_old'], stage: 'beside-withdraw' },
    ),
    ...uses('relay', { call: ['divert'], stage: 'divert' }),
    ...publicCheck(change, 'divert-check'),
    { call: ['drain_old'], stage: 'drain' },
  ]
  return {
    prepare: [
      ...opening(change, switched),
      ...commandsBefore(change),
      ...uses('relay', { call: ['rehearse'], stage: 'rehearse', undo: 'withdraw_shadows' }),
      ...uses('start-first', { call: ['start_beside'], stage: 'beside', undo: 'take_new_away' }),
      ...only('rehearsed', [...early, ...whole, ...rehearsed]),
    ],
    change: switched,
  }
}

/** A manager updates the service or the stack, and waits for the tasks: the primitives are in src/target/swarm/agent. */
function swarm(change: Change): Plan {
  const after = commandsAfter(change, 'after')
  const check = publicCheck(change, 'front')
  const switched: Step[] = [
    { call: ['apply_change'], stage: 'apply' },
    { call: ['settle_tasks'], stage: 'gate' },
    { call: ['verify_tasks'], stage: 'verify' },
    ...after,
    ...check,
    // Nothing was waited for since.
    ...(after.length + check.length === 0 ? [] : [stillServes]),
    { call: ['keep_release'], stage: 'keep' },
  ]
  const prepare: Step[] = [
    ...locked(change),
    { call: ['check_stack'], stage: 'check' },
    { call: ['record_release'], stage: 'record' },
    forwardIn(switched),
    { call: ['pull_everywhere'], stage: 'pull', undo: 'drop_pull_jobs' },
    { call: ['place_brought'], stage: 'bring', undo: 'put_files_back' },
    ...commandsBefore(change),
  ]
  return { prepare, change: switched }
}

/** One run at a time, and what an earlier one left is settled; a release that a newer run has overtaken ends here. */
function locked({ plan: { rollbackTo }, bring }: Change): Step[] {
  const late: Step[] = bring?.plan.allowOlder === true ? [] : [{ call: ['in_order'] }]
  return [
    { call: ['take_lock'], stage: 'lock' },
    { call: ['settle'] },
    ...(rollbackTo === undefined ? late : [{ call: ['choose_release'], stage: 'choose' } as const]),
  ]
}

function opening(change: Change, switched: readonly Step[]): Step[] {
  const needs = (change.bring?.needs?.dependencies ?? []).map(
    ({ name, condition, image = '-' }) => `${name} ${condition} ${image}`,
  )
  return [
    ...locked(change),
    { call: ['check_brought'], stage: 'check' },
    { call: ['note_things'] },
    { call: ['record_release'], stage: 'record' },
    forwardIn(switched),
    { call: ['pull_images'], stage: 'pull' },
    { call: ['pin_references'], stage: 'pin', undo: 'put_pins_back' },
    { call: ['set_variables'], undo: 'put_variables_back' },
    { call: ['place_brought'], stage: 'bring', undo: 'put_brought_back' },
    { call: ['start_dependencies', ...needs], stage: 'dependencies', undo: 'take_dependencies_away' },
  ]
}

/** A release is whole only when its commands have run, whoever has them run: until then a cut goes back. */
function forwardIn(
  switched: readonly Step[],
  commands = switched.filter(({ stage, only: when }) => stage === 'after' && when !== 'rehearsed'),
): Step {
  const all = switched.flatMap(({ stage }) => (stage === undefined ? [] : [stage]))
  const from = commands.length === 0 ? 0 : all.lastIndexOf('after') + 1
  const forward = all.slice(from).filter(stage => stages[stage].cut === 'forward')
  return { call: ['forward_in', ...new Set(forward)] }
}

/** Nobody waits for a service of the whole project that does not run the release and that nobody needs. */
function up({ services, facts: { whole }, bring }: Change): Step[] {
  const others = (whole?.others ?? []).map(({ name }) => name)
  const waves = bring?.needs?.waves ?? []
  const awaited = ({ name, condition }: (typeof waves)[number][number]) =>
    `${name}=${others.includes(name) && condition === 'started' ? 'any' : condition}`
  const calls: readonly Step['call'][] =
    waves.length < 2
      ? [['bring_up', ...services.map(({ name }) => name), ...others]]
      : waves.map(wave => ['bring_up_wave', ...wave.map(awaited)])
  return [
    { call: ['remove_leftovers'] },
    ...(whole?.removeOrphans === true ? [{ call: ['stop_orphans'] } as const] : []),
    ...calls.map(call => ({ call, stage: 'up' as const })),
  ]
}

const proven: readonly Step[] = [
  { call: ['gate', 'new'], stage: 'gate' },
  { call: ['verify_release'], stage: 'verify' },
]

const stillServes: Step = { call: ['serves_still'] }

/**
 * The engine may go away to the very end, and come back without what it ran: then all of it is looked at once more, and
 * what a relay could not take away is.
 */
const kept: readonly Step[] = [
  { call: ['uncover'] },
  { call: ['keep_release'], stage: 'keep' },
  stillServes,
  { call: ['uncover'] },
]

const publicCheck = ({ bring }: Change, stage: 'front' | 'divert-check'): Step[] =>
  bring?.check === undefined ? [] : [{ call: ['await_word', stage], stage }]

const only = (when: NonNullable<Step['only']>, steps: readonly Step[]): Step[] =>
  steps.map(step => ({ ...step, only: when }))

function commandsBefore({ bring }: Change): Step[] {
  if (bring === undefined) return []
  const { hostBefore, runBefore, execBefore } = bring.plan.hooks
  return commands('before', [
    ...hostBefore.map(line => ['host_hook', line] as const),
    ...runBefore.map(hook => ['run_hook', ...wordsOf(hook)] as const),
    ...execBefore.map(hook => ['exec_hook', ...wordsOf(hook)] as const),
  ])
}

function commandsAfter({ bring }: Change, stage: 'after' | 'rehearse-after'): Step[] {
  if (bring === undefined) return []
  const { runAfter, execAfter, hostAfter } = bring.plan.hooks
  return commands(stage, [
    ...runAfter.map(hook => ['run_hook', ...wordsOf(hook)] as const),
    ...execAfter.map(hook => ['exec_hook', ...wordsOf(hook)] as const),
    ...hostAfter.map(line => ['host_hook', line] as const),
  ])
}

type Hook = NonNullable<Change['bring']>['plan']['hooks']['runAfter'][number]

/** The service, then the arguments of Compose. */
const wordsOf = ({ service, options, words }: Hook): string[] => [service, ...options, service, ...words]

const isInNewContainer = ({ call: [primitive] }: Step): boolean => primitive === 'run_hook'

const commands = (stage: StageName, calls: readonly (readonly [string, ...string[]])[]): Step[] =>
  calls.map(([primitive, ...args], index) => ({
    call: [primitive, stage, String(index + 1), ...args],
    stage,
  }))

const guards = { rehearsed: 'if_rehearsed', 'not rehearsed': 'unless_rehearsed' } as const

/** The steps as shell, with every argument in quotes; no line of it is empty. */
export const renderPlan = ({ prepare, change }: Plan): string =>
  [
    ...functionOf('prepare', [...prepare, { call: ['begin_change'] }]),
    ...functionOf('change', change),
    'deploy',
  ].join('\n')

const functionOf = (name: string, steps: readonly Step[]): string[] => [
  `${name}() {`,
  steps.map(rendered).join(' &&\n'),
  '}',
]

function rendered({ call: [primitive, ...args], only: when }: Step): string {
  return [...(when === undefined ? [] : [guards[when]]), primitive, ...args.map(literal)].join(' ')
}

/** A word on one line: what separates the parts of an order is an empty one. */
export const literal = (text: string): string => quote(text.replaceAll(/[\0\r\n\t]/g, ' '))

/** What undoes the steps that come before the service is touched: the last first. */
export const undoOf = ({ prepare }: Plan): string[] =>
  prepare.flatMap(({ undo }) => (undo === undefined ? [] : [undo])).reverse()
