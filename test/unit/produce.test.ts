import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Context } from '../../src/github/context.ts'
import { makePlan } from '../../src/plan.ts'
import { foundImage } from '../../src/produce.ts'
import { context } from './build/planned.ts'
import { workbench } from './build/workbench.ts'
import { inputsOf } from './image/events.ts'
import { client, serve } from './registry/registry.ts'

const head = (repository: string) => ({ pull_request: { head: { repo: { full_name: repository } } } })
const runs: readonly { name: string; run: Partial<Context>; push?: string; green: boolean }[] = [
  { name: 'own', run: {}, green: false },
  { name: 'own, with push: false', run: {}, push: 'false', green: false },
  { name: 'fork', run: { eventName: 'pull_request', payload: head('x/y') }, green: true },
  { name: 'Dependabot', run: { actor: 'dependabot[bot]' }, green: true },
  {
    name: 'pull_request_target',
    run: { eventName: 'pull_request_target', payload: head('x/y') },
    green: true,
  },
  {
    name: 'pull_request_target, asked in so many words',
    run: { eventName: 'pull_request_target', payload: head('x/y') },
    push: 'true',
    green: false,
  },
]

for (const { name, run, push = '', green } of runs) {
  test(`build: false without such an image, ${name}: ${green ? 'green' : 'red'}`, async () => {
    const { host } = await serve((_, response) => response.writeHead(404).end())
    const bench = workbench('exit 1')
    const world = { ...bench.world, context: { ...context, workspace: bench.directory, ...run } }
    const inputs = inputsOf({ image: `${host}/me/app`, tags: '1', build: 'false', push })
    const plan = await makePlan(inputs, [], world)
    const workshop = {
      client: client(),
      bench: undefined,
      reused: undefined,
      before: Promise.resolve([]),
    }
    const found = foundImage(plan, workshop, world)
    if (!green) return await assert.rejects(found, /not in the registry/)
    assert.equal((await found).digest, undefined)
    assert.match(bench.log(), /notice: .*\/me\/app:1` is not in the registry.* nothing to do/)
  })
}
