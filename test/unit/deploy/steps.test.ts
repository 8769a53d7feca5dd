import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { suite, test } from 'node:test'
import type { Dependency } from '../../../src/compose/dependencies.ts'
import { swarmScript, transactionScript } from '../../../src/deploy/script.ts'
import { stages } from '../../../src/deploy/stages.ts'
import { type Change, type Plan, planOf, renderPlan, type Step, undoOf } from '../../../src/deploy/steps.ts'
import type { HookPlan } from '../../../src/payload/hooks.ts'
import { noHooks } from '../payload/no-hooks.ts'
import { shells } from './shells.ts'

interface Parts {
  readonly services?: readonly string[]
  readonly strategies?: readonly ('recreate' | 'relay' | 'start-first')[]
  readonly rollbackTo?: string
  readonly allowOlder?: boolean
  readonly hooks?: Partial<HookPlan>
  readonly dependencies?: readonly Dependency[]
  readonly waves?: readonly (readonly Dependency[])[]
  readonly check?: true
}

const changeOf = (parts: Parts): Change => ({
  services: (parts.services ?? ['web']).map(name => ({ name })),
  plan: { rollbackTo: parts.rollbackTo },
  facts: {
    strategies: (parts.strategies ?? ['recreate']).map(strategy => ({ name: 'web', strategy, ports: [] })),
  },
  payload: {
    plan: { allowOlder: parts.allowOlder === true, hooks: { ...noHooks, ...parts.hooks } },
    needs: { dependencies: parts.dependencies ?? [], waves: parts.waves ?? [] },
    check: parts.check === true ? {} : undefined,
  },
})

const need = (name: string, condition: Dependency['condition'], image?: string): Dependency => ({
  name,
  condition,
  image,
  platform: undefined,
})

const shown = ({ call, only }: Step): string => `${only === undefined ? '' : `${only}: `}${call.join(' ')}`
const hook = (...command: string[]) => ({ service: 'web', options: ['--user', '1'], command })

const prepared = [
  'take_lock',
  'settle',
  'reject_superseded',
  'check_payload',
  'note_existing',
  'record_release',
  'forward_in up gate verify keep',
  'pull_images',
  'pin_references',
  'set_variables',
  'place_payload',
  'start_dependencies',
]
const without = (...gone: readonly string[]) => prepared.filter(call => !gone.includes(call))
const switched = ['remove_leftovers', 'start_services web', 'gate new', 'verify_release']
const kept = ['remove_relay', 'keep_release', 'serves_still', 'remove_relay']
const forward = (...names: readonly string[]) =>
  prepared.map(call => (call.startsWith('forward_in') ? `forward_in ${names.join(' ')}` : call))

const table: readonly {
  name: string
  parts: Parts
  prepare: readonly string[]
  change: readonly string[]
}[] = [
  {
    name: 'recreates a service',
    parts: {},
    prepare: prepared,
    change: [...switched, 'serves_still', ...kept],
  },
  {
    name: 'rolls back to a release of the history, even if a newer run has deployed',
    parts: { rollbackTo: 'previous' },
    prepare: prepared.map(call => (call === 'reject_superseded' ? 'choose_release' : call)),
    change: [...switched, 'serves_still', ...kept],
  },
  {
    name: 'deploys an older run with `allow-older`',
    parts: { allowOlder: true },
    prepare: without('reject_superseded'),
    change: [...switched, 'serves_still', ...kept],
  },
  {
    name: 'starts services together that do not depend on each other',
    parts: { services: ['web', 'api'], waves: [[need('web', 'started'), need('api', 'started')]] },
    prepare: prepared,
    change: [
      'remove_leftovers',
      'start_services web api',
      'gate new',
      'verify_release',
      'serves_still',
      ...kept,
    ],
  },
  {
    name: 'waits for a one-shot, even if nothing that waits for it is deployed',
    parts: { services: ['migrate'], waves: [[need('migrate', 'ended')]] },
    prepare: prepared,
    change: [
      'remove_leftovers',
      'start_wave migrate=ended',
      'gate new',
      'verify_release',
      'serves_still',
      ...kept,
    ],
  },
  {
    name: 'starts missing dependencies, and the services in waves',
    parts: {
      services: ['web', 'api'],
      dependencies: [need('db', 'healthy', 'postgres:17'), need('built', 'started')],
      waves: [[need('api', 'healthy')], [need('web', 'started')]],
    },
    prepare: [...without('start_dependencies'), 'start_dependencies db healthy postgres:17 built started -'],
    change: [
      'remove_leftovers',
      'start_wave api=healthy',
      'start_wave web=started',
      'gate new',
      'verify_release',
      'serves_still',
      ...kept,
    ],
  },
  {
    name: 'runs commands; after a cut, goes forward only if they have run',
    parts: {
      hooks: {
        hostBefore: ['date'],
        runBefore: [hook('migrate')],
        execBefore: [hook('pause')],
        runAfter: [hook('warm')],
        execAfter: [hook('resume')],
        hostAfter: ['reload'],
      },
      check: true,
    },
    prepare: [
      ...forward('front', 'keep'),
      'host_hook before 1 date',
      'run_hook before 2 web --user 1 web migrate',
      'exec_hook before 3 web --user 1 web pause',
    ],
    change: [
      ...switched,
      'run_hook after 1 web --user 1 web warm',
      'exec_hook after 2 web --user 1 web resume',
      'host_hook after 3 reload',
      'await_decision front',
      'serves_still',
      ...kept,
    ],
  },
  {
    name: 'relays a service; runs the public check before it touches the service',
    parts: { strategies: ['relay'], check: true },
    prepare: [
      ...forward('up', 'gate', 'verify', 'front', 'direct', 'keep'),
      'rehearse',
      'rehearsed: divert',
      'rehearsed: await_decision divert-check',
      'rehearsed: drain_old',
    ],
    change: [
      ...switched,
      'not rehearsed: await_decision front',
      'serves_still',
      'direct_to_service',
      ...kept,
    ],
  },
  {
    name: 'relays a service whose commands all run in the rehearsal; after a later cut, goes forward',
    parts: { strategies: ['relay'], hooks: { runAfter: [hook('warm')] } },
    prepare: [
      ...forward('direct', 'keep'),
      'rehearse',
      'rehearsed: run_hook rehearse-after 1 web --user 1 web warm',
      'rehearsed: forward_in up gate verify direct keep',
      'rehearsed: divert',
      'rehearsed: drain_old',
    ],
    change: [
      ...switched,
      'not rehearsed: run_hook after 1 web --user 1 web warm',
      'serves_still',
      'direct_to_service',
      ...kept,
    ],
  },
  {
    name: 'relays a service with a command that runs after the switch; after a cut before it, goes back',
    parts: { strategies: ['relay'], hooks: { runAfter: [hook('warm')], hostAfter: ['reload'] } },
    prepare: [
      ...forward('direct', 'keep'),
      'rehearse',
      'rehearsed: run_hook rehearse-after 1 web --user 1 web warm',
      'rehearsed: divert',
      'rehearsed: drain_old',
    ],
    change: [
      ...switched,
      'not rehearsed: run_hook after 1 web --user 1 web warm',
      'not rehearsed: host_hook after 2 reload',
      'rehearsed: host_hook after 2 reload',
      'serves_still',
      'direct_to_service',
      ...kept,
    ],
  },
  {
    name: 'starts a service first, and removes the old containers after the new ones have passed',
    parts: { strategies: ['start-first'], check: true, hooks: { runAfter: [hook('warm')] } },
    prepare: [
      ...forward('front', 'keep'),
      'start_beside',
      'rehearsed: run_hook rehearse-after 1 web --user 1 web warm',
      'rehearsed: forward_in up gate verify front keep',
      'rehearsed: await_proxy_discovery',
      'rehearsed: withdraw_old',
      'rehearsed: await_decision divert-check',
      'rehearsed: drain_old',
    ],
    change: [
      'remove_leftovers',
      'start_services web',
      'gate_others',
      'replace_old',
      'gate new',
      'verify_release',
      'not rehearsed: run_hook after 1 web --user 1 web warm',
      'not rehearsed: await_decision front',
      'serves_still',
      ...kept,
    ],
  },
  {
    name: 'replaces services of every kind in one change',
    parts: { strategies: ['relay', 'start-first', 'recreate'] },
    prepare: [
      ...forward('up', 'gate', 'verify', 'direct', 'keep'),
      'rehearse',
      'start_beside',
      'rehearsed: await_proxy_discovery',
      'rehearsed: withdraw_old',
      'rehearsed: divert',
      'rehearsed: drain_old',
    ],
    change: [
      'remove_leftovers',
      'start_services web',
      'gate_others',
      'replace_old',
      'gate new',
      'verify_release',
      'serves_still',
      'direct_to_service',
      ...kept,
    ],
  },
]

suite('the steps of a change', () => {
  for (const { name, parts, prepare, change } of table)
    test(name, () => {
      const plan = planOf(changeOf(parts))
      assert.deepEqual(plan.prepare.map(shown), prepare)
      assert.deepEqual(plan.change.map(shown), change)
    })

  test('are undone in reverse: the new containers before the shadows', () => {
    assert.deepEqual(undoOf(planOf(changeOf({ strategies: ['relay', 'start-first'] }))).slice(0, 2), [
      'remove_new_containers',
      'withdraw_shadows',
    ])
  })

  test('are undone in reverse: the shadows first', () => {
    assert.deepEqual(undoOf(planOf(changeOf({ strategies: ['relay'] }))), [
      'withdraw_shadows',
      'remove_dependencies',
      'restore_files',
      'restore_variables',
      'restore_pins',
    ])
  })

  const plans: readonly Plan[] = table.map(({ parts }) => planOf(changeOf(parts)))
  const all = plans.flatMap(({ prepare, change }) => [...prepare, ...change])

  const swarm = planOf({
    ...changeOf({ check: true }),
    facts: { swarm: { stack: undefined, nodes: [], heartbeat: 5 } },
  })

  test('are different on a Swarm', () => {
    assert.deepEqual(swarm.prepare.map(shown), [
      'take_lock',
      'settle',
      'reject_superseded',
      'check_stack',
      'record_release',
      'forward_in apply gate verify front keep',
      'pull_on_all_nodes',
      'place_payload',
    ])
    assert.deepEqual(swarm.change.map(shown), [
      'apply_change',
      'settle_tasks',
      'verify_tasks',
      'await_decision front',
      'serves_still',
      'keep_release',
    ])
  })

  test('call primitives of the agent, which begin the stages of the plan', () => {
    for (const [agent, steps] of [
      [transactionScript, all],
      [swarmScript, [...swarm.prepare, ...swarm.change]],
    ] as const)
      for (const { call, undo, stage } of steps) {
        for (const name of [call[0], ...(undo === undefined ? [] : [undo])])
          assert.match(agent, new RegExp(`^${name}\\(\\) \\{`, 'm'), name)
        if (stage === undefined || ['start_services', 'start_wave', 'apply_change'].includes(call[0]))
          continue
        const body =
          new RegExp(`^${call[0]}\\(\\) \\{(?:[^\\n]*\\}(?: #[^\\n]*)?|[^]*?\\n\\})$`, 'm').exec(
            agent,
          )?.[0] ?? ''
        assert.ok(
          body.includes(`step ${stage} `) || (/step "\$(?:1|stage_name)"/.test(body) && call[1] === stage),
          call[0],
        )
      }
  })

  test('touch the service only after the last step of `prepare`', () => {
    const of = (steps: readonly Step[]) =>
      steps.flatMap(({ stage }) => (stage === undefined ? [] : [stages[stage].cut]))
    for (const { prepare, change } of plans) {
      assert.deepEqual([...new Set(of(prepare))], ['undo'])
      assert.ok(!of(change).includes('undo'))
    }
  })

  test('render as shell in which every argument stays one word, even with special characters', () => {
    const words = ["it's", '$(id)', '`id`', 'a  b', '!', '\\', '*', 'two\nlines\n\n', '']
    const text = renderPlan({ prepare: [], change: [{ call: ['host_hook', ...words] }] })
    assert.doesNotMatch(text, /^$/m)
    for (const [file = '', ...args] of shells) {
      const script = `begin_change() { :; }; host_hook() { printf '<%s>' "$@"; }; deploy() { prepare && change; }\n${text}`
      const { stdout } = spawnSync(file, [...args, '-c', script], { encoding: 'utf8' })
      assert.equal(stdout, words.map(word => `<${word.replaceAll('\n', ' ')}>`).join(''), file)
    }
  })
})
