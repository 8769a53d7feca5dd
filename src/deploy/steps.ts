import type { PayloadOrder } from '../payload/order.ts'
import { quote } from '../ssh/remote-command.ts'
import type { TargetFacts } from '../target/compose-host/facts.ts'
import type { DeployPlan } from '../target/plan.ts'
import { type StageName, stages } from './stages.ts'

/*
 * The steps that the server runs. {@link planOf} chooses the steps of a strategy and their literal arguments;
 * {@link renderPlan} renders them as the last part of the script. Each step calls one primitive of src/deploy/agent. A
 * primitive inspects the live state, does nothing if its work is done, and returns 1 after `fail CODE TEXT`.
 *
 * To add a strategy: write a function from `Change` to `Plan` next to `recreate` and `sideBySide`, from the same
 * parts; add it to `strategies`; add a row to stages.ts for each new stage, and a function to src/deploy/agent for
 * each new primitive.
 */

/** One call of a primitive. */
export interface Step {
  readonly call: readonly [primitive: string, ...args: string[]]
  /** The stage that the call begins, if it begins one. */
  readonly stage?: StageName
  /** The primitive that undoes the call, by the record. Safe to run again, and safe to run if the call never ran. */
  readonly undo?: string
  /** The release must have been rehearsed, or not. Only the server knows: a stopped service is not rehearsed. */
  readonly only?: 'rehearsed' | 'not rehearsed'
}

export interface Plan {
  /** Steps that do not touch the running service. If one fails, or the run is cut off here, they are undone. */
  readonly prepare: readonly Step[]
  /**
   * Steps that change the service. If one fails, the previous release is restored. If the run is cut off here, the next
   * run decides by the `cut` of the stage (stages.ts).
   */
  readonly change: readonly Step[]
}

/** The part of an order that the steps depend on. */
export interface Change {
  readonly services: readonly { readonly name: string }[]
  readonly plan: Pick<DeployPlan, 'rollbackTo'>
  readonly facts: Pick<TargetFacts, 'strategies' | 'swarm' | 'whole'>
  readonly payload?: {
    readonly plan: Pick<PayloadOrder['plan'], 'hooks' | 'allowOlder'>
    readonly needs: PayloadOrder['needs']
    readonly check: unknown
  }
}

const strategies = { recreate, sideBySide, swarm } as const

export const planOf = (change: Change): Plan => strategies[strategyOf(change.facts)](change)

function strategyOf({ swarm: onSwarm, strategies: chosen = [] }: Change['facts']): keyof typeof strategies {
  if (onSwarm !== undefined) return 'swarm'
  return chosen.some(({ strategy }) => strategy !== 'recreate') ? 'sideBySide' : 'recreate'
}

/** Compose replaces the containers in place. */
function recreate(change: Change): Plan {
  const after = commandsAfter(change, 'after')
  const changeSteps: Step[] = [
    ...up(change),
    ...gateAndVerify,
    ...after,
    ...publicCheck(change, 'front'),
    recheck,
    ...keep,
  ]
  return { prepare: [...opening(change, changeSteps), ...commandsBefore(change)], change: changeSteps }
}

/**
 * Runs the new release beside the old one, and gives it the traffic before it touches the old one. With `relay`, the
 * new release is rehearsed in temporary containers, which serve while Compose recreates the containers of the
 * service. With `start-first`, the new containers stay, and the old ones are withdrawn from their proxy and then
 * removed. One deploy may have services of both kinds. Commands in a new container and the public check run before
 * the service is touched.
 */
function sideBySide(change: Change): Plan {
  const ifUsed = (kind: string, ...steps: Step[]): Step[] =>
    change.facts.strategies?.some(({ strategy }) => strategy === kind) === true ? steps : []
  const early = commandsAfter(change, 'rehearse-after').filter(isInNewContainer)
  const after = commandsAfter(change, 'after')
  const late = after.filter(step => !isInNewContainer(step))
  const changeSteps: Step[] = [
    ...up(change),
    ...ifUsed('start-first', { call: ['gate_others'] }, { call: ['replace_old'] }),
    ...gateAndVerify,
    ...only('not rehearsed', after),
    ...only('rehearsed', late),
    ...only('not rehearsed', publicCheck(change, 'front')),
    recheck,
    ...ifUsed('relay', { call: ['direct_to_service'], stage: 'direct' }),
    ...keep,
  ]
  // If all commands run in the rehearsal, none is pending at the switch. A later cut may then go forward in any stage.
  const allRan = early.length > 0 && late.length === 0 ? [forwardIn(changeSteps, [])] : []
  const switchTraffic: Step[] = [
    ...ifUsed(
      'start-first',
      { call: ['await_proxy_discovery'], stage: 'beside-proxy' },
      { call: ['withdraw_old'], stage: 'beside-withdraw' },
    ),
    ...ifUsed('relay', { call: ['divert'], stage: 'divert' }),
    ...publicCheck(change, 'divert-check'),
    { call: ['drain_old'], stage: 'drain' },
  ]
  return {
    prepare: [
      ...opening(change, changeSteps),
      ...commandsBefore(change),
      ...ifUsed('relay', { call: ['rehearse'], stage: 'rehearse', undo: 'withdraw_shadows' }),
      ...ifUsed('start-first', { call: ['start_beside'], stage: 'beside', undo: 'remove_new_containers' }),
      ...only('rehearsed', [...early, ...allRan, ...switchTraffic]),
    ],
    change: changeSteps,
  }
}

/**
 * Updates the service or the stack on a manager, and waits for the tasks. Its primitives are in
 * src/target/swarm/agent.
 */
function swarm(change: Change): Plan {
  const after = commandsAfter(change, 'after')
  const check = publicCheck(change, 'front')
  const changeSteps: Step[] = [
    { call: ['apply_change'], stage: 'apply' },
    { call: ['settle_tasks'], stage: 'gate' },
    { call: ['verify_tasks'], stage: 'verify' },
    ...after,
    ...check,
    // Without commands or a check no time has passed since the verification, so there is nothing to look at again.
    ...(after.length + check.length === 0 ? [] : [recheck]),
    { call: ['keep_release'], stage: 'keep' },
  ]
  const prepare: Step[] = [
    ...locked(change),
    { call: ['check_stack'], stage: 'check' },
    { call: ['record_release'], stage: 'record' },
    forwardIn(changeSteps),
    { call: ['pull_on_all_nodes'], stage: 'pull', undo: 'drop_pull_jobs' },
    { call: ['place_payload'], stage: 'bring', undo: 'restore_stack_files' },
    ...commandsBefore(change),
  ]
  return { prepare, change: changeSteps }
}

/**
 * Takes the lock, settles what an earlier run left unfinished, and chooses the release of a rollback. Otherwise,
 * rejects a run that a newer run has overtaken, unless `allow-older` is true.
 */
function locked({ plan: { rollbackTo }, payload }: Change): Step[] {
  const checkOrder: Step[] = payload?.plan.allowOlder === true ? [] : [{ call: ['reject_superseded'] }]
  return [
    { call: ['take_lock'], stage: 'lock' },
    { call: ['settle'] },
    ...(rollbackTo === undefined ? checkOrder : [{ call: ['choose_release'], stage: 'choose' } as const]),
  ]
}

function opening(change: Change, changeSteps: readonly Step[]): Step[] {
  const needs = (change.payload?.needs?.dependencies ?? []).map(
    ({ name, condition, image = '-' }) => `${name} ${condition} ${image}`,
  )
  return [
    ...locked(change),
    { call: ['check_payload'], stage: 'check' },
    { call: ['note_existing'] },
    { call: ['record_release'], stage: 'record' },
    forwardIn(changeSteps),
    { call: ['pull_images'], stage: 'pull' },
    { call: ['pin_references'], stage: 'pin', undo: 'restore_pins' },
    { call: ['set_variables'], undo: 'restore_variables' },
    { call: ['place_payload'], stage: 'bring', undo: 'restore_files' },
    { call: ['start_dependencies', ...needs], stage: 'dependencies', undo: 'remove_dependencies' },
  ]
}

/**
 * Records the stages in which a run that is cut off may go forward. A release counts as deployed only once its commands
 * have run, so a cut before the last of them goes back.
 */
function forwardIn(
  changeSteps: readonly Step[],
  commands = changeSteps.filter(({ stage, only: when }) => stage === 'after' && when !== 'rehearsed'),
): Step {
  const all = changeSteps.flatMap(({ stage }) => (stage === undefined ? [] : [stage]))
  const from = commands.length === 0 ? 0 : all.lastIndexOf('after') + 1
  const forward = all.slice(from).filter(stage => stages[stage].cut === 'forward')
  return { call: ['forward_in', ...new Set(forward)] }
}

/**
 * Starts the services, in waves if they depend on each other, or if a one-shot has to end. With the whole project,
 * Slipway only waits for another service if one needs it healthy or completed.
 */
function up({ services, facts: { whole }, payload }: Change): Step[] {
  const others = (whole?.others ?? []).map(({ name }) => name)
  const waves = payload?.needs?.waves ?? []
  const awaited = ({ name, condition }: (typeof waves)[number][number]) =>
    `${name}=${others.includes(name) && condition === 'started' ? 'any' : condition}`
  const calls: readonly Step['call'][] =
    waves.length < 2 && !waves.flat().some(({ condition }) => condition === 'ended')
      ? [['start_services', ...services.map(({ name }) => name), ...others]]
      : waves.map(wave => ['start_wave', ...wave.map(awaited)])
  return [
    { call: ['remove_leftovers'] },
    ...(whole?.removeOrphans === true ? [{ call: ['stop_orphans'] } as const] : []),
    ...calls.map(call => ({ call, stage: 'up' as const })),
  ]
}

const gateAndVerify: readonly Step[] = [
  { call: ['gate', 'new'], stage: 'gate' },
  { call: ['verify_release'], stage: 'verify' },
]

/** Runs the gate again if the engine was away since the last one: it may have come back without its containers. */
const recheck: Step = { call: ['serves_still'] }

/**
 * Keeps the release, and removes the rules and containers of a relay. The engine may go away until the very end. So the
 * release is checked again, and then whatever a relay could not remove before is removed.
 */
const keep: readonly Step[] = [
  { call: ['remove_relay'] },
  { call: ['keep_release'], stage: 'keep' },
  recheck,
  { call: ['remove_relay'] },
]

const publicCheck = ({ payload }: Change, stage: 'front' | 'divert-check'): Step[] =>
  payload?.check === undefined ? [] : [{ call: ['await_decision', stage], stage }]

const only = (when: NonNullable<Step['only']>, steps: readonly Step[]): Step[] =>
  steps.map(step => ({ ...step, only: when }))

function commandsBefore({ payload }: Change): Step[] {
  if (payload === undefined) return []
  const { hostBefore, runBefore, execBefore } = payload.plan.hooks
  return commands('before', [
    ...hostBefore.map(line => ['host_hook', line] as const),
    ...runBefore.map(hook => ['run_hook', ...wordsOf(hook)] as const),
    ...execBefore.map(hook => ['exec_hook', ...wordsOf(hook)] as const),
  ])
}

function commandsAfter({ payload }: Change, stage: 'after' | 'rehearse-after'): Step[] {
  if (payload === undefined) return []
  const { runAfter, execAfter, hostAfter } = payload.plan.hooks
  return commands(stage, [
    ...runAfter.map(hook => ['run_hook', ...wordsOf(hook)] as const),
    ...execAfter.map(hook => ['exec_hook', ...wordsOf(hook)] as const),
    ...hostAfter.map(line => ['host_hook', line] as const),
  ])
}

type Hook = NonNullable<Change['payload']>['plan']['hooks']['runAfter'][number]

/** Returns the service, followed by the arguments for Compose. */
const wordsOf = ({ service, options, command }: Hook): string[] => [service, ...options, service, ...command]

const isInNewContainer = ({ call: [primitive] }: Step): boolean => primitive === 'run_hook'

const commands = (stage: StageName, calls: readonly (readonly [string, ...string[]])[]): Step[] =>
  calls.map(([primitive, ...args], index) => ({
    call: [primitive, stage, String(index + 1), ...args],
    stage,
  }))

const guards = { rehearsed: 'if_rehearsed', 'not rehearsed': 'unless_rehearsed' } as const

/**
 * Renders the steps as shell, with every argument in quotes. No line is empty: an empty line ends a part of an order.
 */
export const renderPlan = ({ prepare, change }: Plan): string =>
  [
    ...functionOf('prepare', [...prepare, { call: ['begin_change'] }]),
    ...functionOf('change', change),
    'deploy',
  ].join('\n')

const functionOf = (name: string, steps: readonly Step[]): string[] => [
  `${name}() {`,
  steps.map(renderStep).join(' &&\n'),
  '}',
]

function renderStep({ call: [primitive, ...args], only: when }: Step): string {
  return [...(when === undefined ? [] : [guards[when]]), primitive, ...args.map(literal)].join(' ')
}

/** Quotes a shell word, on one line: an empty line would end a part of an order. */
export const literal = (text: string): string => quote(text.replaceAll(/[\0\r\n\t]/g, ' '))

/** Returns the primitives that undo the steps of `prepare`, the last step first. */
export const undoOf = ({ prepare }: Plan): string[] =>
  prepare.flatMap(({ undo }) => (undo === undefined ? [] : [undo])).reverse()
