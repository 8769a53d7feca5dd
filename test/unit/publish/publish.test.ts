import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Context } from '../../../src/core/context.ts'
import { digestOfBytes } from '../../../src/image/digest.ts'
import { makePlan } from '../../../src/plan/plan.ts'
import { findImage, withCommit } from '../../../src/publish/existing.ts'
import { publish } from '../../../src/publish/publish.ts'
import { context } from '../buildx/planned.ts'
import { scriptedRunner } from '../buildx/scripted-runner.ts'
import { inputsOf } from '../image/events.ts'
import { client, serve } from '../registry/registry.ts'

const head = (repository: string) => ({ pull_request: { head: { repo: { full_name: repository } } } })
const runs: readonly { name: string; run: Partial<Context>; push?: string; green: boolean }[] = [
  { name: 'trusted', run: {}, green: false },
  { name: 'trusted, with push: false', run: {}, push: 'false', green: false },
  { name: 'fork', run: { eventName: 'pull_request', payload: head('x/y') }, green: true },
  {
    name: 'Dependabot',
    run: { eventName: 'pull_request', payload: head('octocat/Hello-World'), actor: 'dependabot[bot]' },
    green: true,
  },
  { name: "a push of Dependabot's merge", run: { actor: 'dependabot[bot]' }, green: false },
  {
    name: 'pull_request_target',
    run: { eventName: 'pull_request_target', payload: head('x/y') },
    green: true,
  },
  {
    name: 'pull_request_target with push: true',
    run: { eventName: 'pull_request_target', payload: head('x/y') },
    push: 'true',
    green: false,
  },
]

for (const { name, run, push = '', green } of runs) {
  test(`build: false and a missing image, ${name}: ${green ? 'green' : 'red'}`, async () => {
    const { host } = await serve((_, response) => response.writeHead(404).end())
    const runner = scriptedRunner('exit 1')
    const runtime = { ...runner.runtime, context: { ...context, workspace: runner.directory, ...run } }
    const inputs = inputsOf({ image: `${host}/me/app`, tags: '1', build: 'false', push })
    const plan = await makePlan(inputs, [], runtime)
    const publisher = {
      client: client(),
      registry: { logins: [], loginScope: 'step' } as const,
      builder: undefined,
      reused: undefined,
      named: {},
      before: Promise.resolve([]),
      close: () => undefined,
    }
    const found = findImage(plan, publisher, runtime)
    if (!green) return await assert.rejects(found, /not in the registry/)
    assert.equal((await found).digest, undefined)
    assert.match(runner.log(), /notice: .*\/me\/app:1` is not in the registry.* nothing to do/)
  })
}

/** Creates the files in which a step sets outputs and variables. */
function commandFiles(directory: string): void {
  for (const name of ['OUTPUT', 'ENV']) {
    const file = join(directory, name)
    writeFileSync(file, '')
    process.env[`GITHUB_${name}`] = file
  }
}

for (const [userEnv, expected] of [
  [{}, 'ghcr.io/me/app:7 7'],
  [{ DOCKER_METADATA_SET_OUTPUT_ENV: 'false' }, ' '],
] as const) {
  test(`a build-arg without a value gets the variables for later steps: "${expected}"`, async () => {
    const variables = ['TAGS', 'VERSION'].map(name => `DOCKER_METADATA_OUTPUT_${name}`)
    const runner = scriptedRunner(
      `printf %s "${variables.map(name => `$${name}`).join(' ')}" >"$here/seen"`,
      userEnv,
    )
    commandFiles(runner.directory)
    const { runtime } = runner
    const args = variables.join('\n')
    const inputs = inputsOf({ image: 'ghcr.io/me/app', tags: '7', push: 'false', 'build-args': args })
    const plan = await makePlan({ ...inputs, context: 'https://example.com/a.git' }, [], runtime)
    const builder = { name: 'default', why: undefined, annotates: true, isEngine: true }
    const publisher = {
      client: client(),
      registry: { logins: [], loginScope: 'step' } as const,
      reused: undefined,
      named: {},
      before: Promise.resolve([]),
      close: () => undefined,
    }
    await publish(plan, { ...publisher, builder: { ...builder, runtime } }, runtime)
    assert.equal(readFileSync(join(runner.directory, 'seen'), 'utf8'), expected)
    assert.equal(readFileSync(join(runner.directory, 'ENV'), 'utf8').includes('VERSION'), expected !== ' ')
  })
}

test('the commit of an image is that of its label, which need not be that of the event', async () => {
  const other = 'c'.repeat(40)
  const { runtime } = scriptedRunner('exit 1')
  const image = { repository: 'a.example/b', tags: [], digest: digestOfBytes(Buffer.from('')), platforms: [] }
  const publisher = { client: client(), builder: undefined, reused: image.digest }
  for (const { given, commit } of [
    { given: {}, commit: context.sha },
    { given: { labels: `org.opencontainers.image.revision=${other}` }, commit: other },
    { given: { labels: 'org.opencontainers.image.revision=v1' }, commit: context.sha },
  ]) {
    const plan = await makePlan(inputsOf({ image: 'a.example/b', ...given }), [], { ...runtime, context })
    assert.equal((await withCommit(image, plan, publisher, { context })).commit, commit)
  }
})
