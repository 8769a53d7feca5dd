import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { load } from 'js-yaml'
import { pushes } from '../../../src/buildx/result.ts'
import type { Context } from '../../../src/core/context.ts'
import { Failure } from '../../../src/core/errors.ts'
import { familiar } from '../../../src/image/reference.ts'
import { type InputName, inputNames } from '../../../src/inputs/inputs.ts'
import { makePlan, type Plan } from '../../../src/plan/plan.ts'
import { pullsWithLogin } from '../../../src/preflight/publisher.ts'
import { context, type Given } from '../buildx/planned.ts'
import { scriptedRunner } from '../buildx/scripted-runner.ts'
import { inputsOf } from '../image/events.ts'

async function planOf(given: Given, run: Partial<Context> = {}): Promise<Plan> {
  const bench = scriptedRunner('exit 1')
  const runtime = { ...bench.runtime, context: { ...context, workspace: bench.directory, ...run } }
  return await makePlan(inputsOf({ context: 'https://example.com/a.git', ...given }), [], runtime)
}

const app = 'ghcr.io/octocat/app'
const matrix = 'type=image,push-by-digest=true,name-canonical=true,push=true'

/** An image that is pushed by digest is one of several: a tag would give everybody the same platform. */
const byDigest: readonly { name: string; given: Given; outputs: string }[] = [
  {
    name: 'with a name',
    given: { outputs: `${matrix},name=${app}` },
    outputs: `${matrix},name=${app}`,
  },
  { name: 'named by `image`', given: { image: app, outputs: matrix }, outputs: `${matrix},"name=${app}"` },
  {
    name: 'named by `tags`, as in docker/build-push-action',
    given: { tags: app, outputs: matrix },
    outputs: `${matrix},"name=${app}"`,
  },
  {
    name: 'with another spelling of true that Go accepts',
    given: { image: app, outputs: 'type=image,push-by-digest=1,push=True' },
    outputs: `type=image,push-by-digest=1,push=True,"name=${app}"`,
  },
  {
    name: 'with push: true',
    given: { image: app, outputs: 'type=image,push-by-digest=t', push: 'true' },
    outputs: `type=image,push-by-digest=t,"name=${app}"`,
  },
]

for (const { name, given, outputs } of byDigest) {
  test(`push by digest: ${name}`, async () => {
    const { image, build, retag } = await planOf(given)
    assert.deepEqual([image.tags, image.tagNames, retag, pushes(build.result)], [[], [], false, true])
    assert.deepEqual(
      image.images.map(each => each.name),
      [app],
    )
    assert.deepEqual(build.result.kind === 'image' && build.result.outputs, [outputs])
  })
}

/** Only a run that may push writes to a registry. */
const head = (repository: string) => ({ pull_request: { head: { repo: { full_name: repository } } } })
const trusts: readonly { name: string; run: Partial<Context>; push?: string; writes: boolean }[] = [
  { name: 'a run of the repository', run: {}, writes: true },
  { name: 'a run of the repository, with push: false', run: {}, push: 'false', writes: false },
  { name: 'a fork', run: { eventName: 'pull_request', payload: head('x/y') }, push: 'true', writes: false },
  {
    name: 'Dependabot',
    run: { eventName: 'pull_request', payload: head('octocat/Hello-World'), actor: 'dependabot[bot]' },
    writes: false,
  },
  { name: "a push that merges Dependabot's pull request", run: { actor: 'dependabot[bot]' }, writes: true },
  {
    name: 'pull_request_target',
    run: { eventName: 'pull_request_target', payload: head('x/y') },
    writes: false,
  },
  {
    name: 'pull_request_target, with push: true',
    run: { eventName: 'pull_request_target', payload: head('x/y') },
    push: 'true',
    writes: true,
  },
]

const kinds: readonly { name: string; given: Given }[] = [
  { name: 'build: false', given: { build: 'false' } },
  { name: 'build: auto', given: { build: 'auto' } },
  { name: 'a build', given: {} },
  { name: 'outputs that push', given: { outputs: `type=image,name=${app}:1,push=true` } },
  { name: 'outputs to a registry', given: { outputs: `type=registry,name=${app}:1` } },
]

for (const { name, run, push = '', writes } of trusts) {
  for (const kind of kinds) {
    test(`pushes and tags of ${name}: ${kind.name}`, async () => {
      const given = { ...kind.given, image: app, tags: '1\n2', promote: 'stable', push }
      const ownOutputs =
        name === 'a run of the repository, with push: false' && kind.given.outputs !== undefined
      const { retag, promote, build } = await planOf(given, run)
      // Explicit `outputs` of a trusted run push even with `push: false`, as in Docker's action.
      const expected = writes || ownOutputs
      assert.deepEqual([retag, pushes(build.result)], [expected, expected])
      assert.deepEqual(promote.map(familiar), expected ? [`${app}:stable`] : [])
    })
  }
}

for (const { name, given, retag } of [
  { name: 'no tag without `tags`', given: { image: app }, retag: false },
  { name: 'no tag if the only one names the image', given: { image: app, tags: '1' }, retag: false },
  { name: 'the tags after the first', given: { image: app, tags: '1\n2' }, retag: true },
  {
    name: 'the tag of another repository',
    given: { image: `${app}\ndocker.io/octocat/app`, tags: '1' },
    retag: true,
  },
])
  test(`build: false moves ${name}`, async () => {
    assert.equal((await planOf({ ...given, build: 'false' })).retag, retag)
  })

const key = 'a-secret-key'
const server = {
  'ssh-host': 'deploy@example.com',
  'ssh-password': 'a password',
  'ssh-insecure-skip-host-key-check': 'true',
  'project-directory': '/srv/app',
  service: 'web',
}
for (const { name, unknown, given, run = {}, rejected } of [
  { name: "another action's host", unknown: ['host', 'username'], given: {}, rejected: true },
  { name: 'a script', unknown: ['script'], given: {}, rejected: true },
  { name: 'a misspelled `ssh-host`', unknown: ['ssh_host'], given: {}, rejected: true },
  {
    name: 'a script in the run of a fork',
    unknown: ['script'],
    given: {},
    run: { eventName: 'pull_request', payload: head('x/y') },
    rejected: false,
  },
  { name: 'a script beside `ssh-host`', unknown: ['script'], given: server, rejected: false },
  { name: "another action's password", unknown: ['username', 'password'], given: {}, rejected: false },
])
  test(`${name} ${rejected ? 'without `ssh-host` is an error' : 'is a warning'}`, async () => {
    const bench = scriptedRunner('exit 1')
    const runtime = { ...bench.runtime, context: { ...context, workspace: bench.directory, ...run } }
    const planning = makePlan(inputsOf({ image: app, ...given }), unknown, runtime)
    if (!rejected) return assert.match((await planning).warnings.join('\n'), /There is no input/)
    await assert.rejects(planning, /nothing would be deployed/)
  })

/** The server pulls from the registry, so what is not pushed cannot be deployed. */
for (const build of ['true', 'auto'])
  for (const given of [
    { call: 'check' },
    { push: 'false' },
    { load: 'true' },
    { outputs: 'type=local,dest=out' },
  ])
    test(`build: ${build} with ${JSON.stringify(given)} deploys nothing`, async () => {
      const { deploy, warnings } = await planOf({ ...server, image: app, tags: 'type=sha', build, ...given })
      assert.equal(deploy, undefined)
      assert.match(warnings.join('\n'), /Nothing is deployed: .* this run does not push/)
    })

const build = {
  secrets: `key=${key}`,
  'secret-envs': 'variable=KEY',
  'secret-files': 'file=key.txt',
  ssh: 'default',
  'cache-from': `type=registry,ref=${app}:cache`,
  'cache-to': `type=registry,ref=${app}:cache`,
  allow: 'security.insecure',
  'github-token': 'ghs_token',
  context: '{{defaultContext}}',
}

/** Whether a run gets secrets, cache writes and entitlements that a fork's code could abuse, by event and `push`. */
const gets: readonly { name: string; run: Partial<Context>; push: string; all: boolean }[] = [
  ...(['pull_request_target', 'workflow_run'] as const).flatMap(eventName =>
    (['', 'false', 'true', 'True'] as const).map(push => ({
      name: `${eventName} of a fork, push: ${push}`,
      run: { eventName, payload: { ...head('x/y'), workflow_run: { head_repository: null } } },
      push,
      all: /^true$/i.test(push),
    })),
  ),
  ...(['', 'false', 'true', 'True'] as const).map(push => ({
    name: `a comment of an outsider, push: ${push}`,
    run: { eventName: 'issue_comment', payload: { comment: { author_association: 'NONE' } } },
    push,
    all: /^true$/i.test(push),
  })),
  {
    name: "a maintainer's comment",
    run: { eventName: 'issue_comment', payload: { comment: { author_association: 'MEMBER' } } },
    push: '',
    all: true,
  },
  ...(['push', 'schedule', 'release'] as const).map(eventName => ({
    name: `${eventName} with Dependabot as actor`,
    run: { eventName, actor: 'dependabot[bot]' },
    push: '',
    all: true,
  })),
]

for (const { name, run, push, all } of gets) {
  test(`${all ? 'trusted like' : 'not trusted like'} the repository's own runs: ${name}`, async () => {
    const plan = await planOf({ ...build, ...server, image: app, tags: '1', push }, run)
    assert.deepEqual(
      {
        secrets: plan.build.secrets.map(({ id }) => id),
        ssh: plan.build.ssh,
        cacheTo: plan.build.cacheTo.length,
        cacheFrom: plan.build.cacheFrom.length,
        allow: plan.build.allow,
        pushes: pushes(plan.build.result),
        deploys: plan.deploy !== undefined,
      },
      {
        secrets: all ? ['key', 'file', 'variable', 'GIT_AUTH_TOKEN.github.com'] : [],
        ssh: all ? ['default'] : [],
        cacheTo: all ? 1 : 0,
        cacheFrom: 1,
        allow: all ? ['security.insecure'] : [],
        pushes: all,
        deploys: all,
      },
    )
    const foreign = run.actor === undefined && name !== "a maintainer's comment"
    const warnings = plan.warnings.join('\n')
    assert.equal(/is for a fork|could have been started by anyone/.test(warnings), foreign, warnings)
    assert.equal(
      /does not get `secrets`, `secret-envs`, `secret-files`, `ssh`, `cache-to`, `allow` unless/.test(
        warnings,
      ),
      foreign && !all,
    )
    assert.equal(/Nothing is deployed/.test(warnings), !all)
    assert.ok(!warnings.includes(key))
  })
}

const { inputs: declared } = load(readFileSync('action.yml', 'utf8')) as {
  inputs: Record<InputName, { default?: string }>
}
const withDefault = (pattern: RegExp) =>
  inputNames.filter(name => pattern.test(declared[name].default ?? '') && name !== 'keep-releases')

/** A misspelt value is reported by the name of its input, never silently taken for the default. */
const misspelt: readonly { input: InputName; text: string; cause: RegExp }[] = [
  ...[...withDefault(/^(?:true|false)$/), 'push' as const].flatMap(input =>
    ['ture', 'yes', 'on', '1', 'TrUe'].map(text => ({ input, text, cause: /neither true nor false/ })),
  ),
  ...withDefault(/^\d+$/).map(input => ({ input, text: '2 min', cause: /not a duration/ })),
  { input: 'keep-releases', text: 'few', cause: /not a whole number/ },
]

for (const { input, text, cause } of misspelt) {
  test(`problem: ${input}: ${text}`, async () => {
    const given = { ...server, 'check-url': 'https://example.com', image: app, tags: '1', [input]: text }
    await assert.rejects(planOf(given), error => {
      assert.ok(error instanceof Failure)
      const own = error.problems.filter(problem => problem.input === input)
      assert.equal(own.length, 1, error.message)
      assert.match(own[0]?.cause ?? '', cause)
      return true
    })
  })
}

for (const [text, expected] of [
  ['', false],
  ['false', false],
  ['True', true],
  ['TRUE', true],
] as const) {
  test(`allow-older: ${text}`, async () => {
    const plan = await planOf({ ...server, image: app, tags: '1', 'allow-older': text })
    assert.equal(plan.deploy?.payload?.allowOlder, expected)
  })
}

test("registry-auth's passwords are masked as soon as they are read", async () => {
  const bench = scriptedRunner('exit 1')
  const masked: string[] = []
  const log = { ...bench.runtime.log, mask: (secret: string) => void masked.push(secret) }
  const runtime = { ...bench.runtime, log, context: { ...context, workspace: bench.directory } }
  const logins = '- registry: a.example\n  username: me\n  password: "pass word"'
  await makePlan(
    inputsOf({ image: app, context: 'https://example.com/a.git', 'registry-auth': logins }),
    [],
    runtime,
  )
  assert.deepEqual(masked, ['pass word'])
})

/** As in docker, `name=` of an output can name the image. */
const names: readonly { name: string; given: Given; tags: readonly string[] }[] = [
  { name: 'with a tag', given: { outputs: `type=image,name=${app}:1,push=true` }, tags: [`${app}:1`] },
  { name: 'without a tag', given: { outputs: `type=image,name=${app},push=true` }, tags: [`${app}:latest`] },
  {
    name: 'two',
    given: { outputs: `type=image,"name=${app}:1,docker.io/octocat/app:2",push=true` },
    tags: [`${app}:1`, 'docker.io/octocat/app:2'],
  },
  {
    name: 'combined with `tags`',
    given: { outputs: `type=registry,name=${app}`, tags: 'a\nb' },
    tags: [`${app}:a`, `${app}:b`],
  },
  {
    name: 'that repeats `image` and `tags`',
    given: { outputs: `type=registry,name=${app}:1`, image: app, tags: '1\n2' },
    tags: [`${app}:1`, `${app}:2`],
  },
]

for (const { name, given, tags } of names) {
  test(`the name of an output: ${name}`, async () => assert.deepEqual((await planOf(given)).image.tags, tags))
}

const problems: readonly { name: string; given: Given; input: string; cause: RegExp }[] = [
  {
    name: 'promote of one platform',
    given: { image: app, outputs: matrix, promote: 'stable' },
    input: 'promote',
    cause: /push-by-digest/,
  },
  {
    name: 'promote of images that only `service` names',
    given: { ...server, build: 'false', service: `web=${app}@sha256:${'a'.repeat(64)}`, promote: 'stable' },
    input: 'promote',
    cause: /`service` names the images/,
  },
  {
    name: 'a password, and an image in another registry that is disabled in this run',
    given: {
      image: `${app}\nname=docker.io/octocat/app,enable=false`,
      'registry-username': 'me',
      'registry-password': 'p',
    },
    input: 'registry-password',
    cause: /without `registry`, and the images are in ghcr\.io and docker\.io/,
  },
  {
    name: 'an output with another repository',
    given: { image: app, outputs: 'type=image,name=ghcr.io/octocat/other,push=true' },
    input: 'outputs',
    cause: /octocat\/other/,
  },
  {
    name: 'an output with another tag',
    given: { outputs: `type=image,name=${app}:1,push=true`, tags: '2' },
    input: 'outputs',
    cause: /app:1/,
  },
  {
    name: 'an output with an invalid name',
    given: { image: app, outputs: 'type=image,name=ghcr.io/Octocat//App,push=true' },
    input: 'outputs',
    cause: /`outputs` has `name=ghcr\.io\/Octocat\/\/App`: /,
  },
  {
    name: 'references to another repository',
    given: { outputs: `type=image,name=${app},push=true`, tags: 'ghcr.io/octocat/other:1' },
    input: 'outputs',
    cause: /octocat\/app/,
  },
  ...['/app:latest', 'ghcr.io//app', 'ghcr.io/:latest', ':latest', 'ghcr.io/octocat/'].flatMap(text =>
    (['image', 'tags'] as const).map(input => ({
      name: `an empty part of a name: ${input}: ${text}`,
      given: { [input]: text, 'registry-username': 'me', 'registry-password': 'a password' },
      input,
      cause: /a part of the name is empty/,
    })),
  ),
  {
    name: 'no enabled image',
    given: { image: `name=${app},enable=false\n${app}/b,enable=False` },
    input: 'image',
    cause: /No line of `image` is enabled/,
  },
  {
    name: 'no enabled image, with `images`',
    given: { images: `name=${app},enable=false`, tags: 'x' },
    input: 'images',
    cause: /No line of `images` is enabled/,
  },
  {
    name: 'no tag for the push',
    given: { image: app, tags: 'type=edge,branch=never' },
    input: 'tags',
    cause: /No rule/,
  },
]

for (const { name, given, input, cause } of problems) {
  test(`problem: ${name}`, async () => {
    await assert.rejects(planOf(given), error => {
      assert.ok(error instanceof Failure)
      assert.deepEqual(
        error.problems.map(problem => problem.input),
        [input],
      )
      assert.match(error.problems[0]?.cause ?? '', cause)
      return true
    })
  })
}

for (const [tags, warned, flavor = ''] of [
  ['', false],
  ['type=sha', false, 'suffix=-alpine'],
  ['type=sha,prefix=build', false],
  ['type=sha', false],
  ['type=sha,prefix=,format=long', false],
  ['latest', true],
  ['type=raw,value=deadbee', true],
] as const) {
  test(`build: auto with \`${tags}\`${flavor && `, ${flavor}`} ${warned ? 'warns that it never finds its image again' : 'finds its image again'}`, async () => {
    const { warnings } = await planOf({ image: app, build: 'auto', tags, flavor })
    assert.equal(
      warnings.some(each => /every run builds/.test(each)),
      warned,
    )
  })
}

const logins: readonly { name: string; given: Given; waits: boolean }[] = [
  { name: 'not for the pinned default images', given: {}, waits: false },
  {
    name: 'a builder image from that registry',
    given: { 'driver-opts': 'image=a.example/buildkit:1' },
    waits: true,
  },
  {
    name: 'the image of an appended node from that registry',
    given: { append: '- driver-opts: [image=a.example/buildkit:1]' },
    waits: true,
  },
  { name: 'emulators from that registry', given: { 'qemu-image': 'a.example/binfmt' }, waits: true },
  {
    name: 'Docker Hub, the default registry of the builder image',
    given: { registry: 'docker.io' },
    waits: true,
  },
  {
    name: 'a builder image from another registry',
    given: { 'driver-opts': 'image=b.example/buildkit:1' },
    waits: false,
  },
]

for (const { name, given, waits } of logins) {
  test(`the builder waits for the login: ${name}`, async () => {
    const login = { 'registry-username': 'me', 'registry-password': 'p', registry: 'a.example' }
    assert.equal(pullsWithLogin(await planOf({ image: app, ...login, ...given })), waits)
  })
}
