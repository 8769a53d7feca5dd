import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noFindings } from '../../../src/core/findings.ts'
import type { InputName } from '../../../src/inputs/inputs.ts'
import { causes, type EventName, events, headSha, planned } from './events.ts'

type Given = Partial<Record<InputName, string>>

const defaults: readonly [event: EventName, expected: readonly string[]][] = [
  ['default branch', ['main', 'sha-860c190', 'latest']],
  ['branch', ['my-branch', 'sha-860c190']],
  ['version tag', ['1.2.3', '1.2', '1', 'v1.2.3', 'sha-860c190', 'latest']],
  ['release', ['1.2.3', '1.2', '1', 'v1.2.3', 'sha-860c190', 'latest']],
  ['early tag', ['0.4.1', '0.4', 'v0.4.1', 'sha-860c190', 'latest']],
  ['prerelease tag', ['2.0.8-beta.67', 'v2.0.8-beta.67', 'sha-860c190']],
  ['other tag', ['nightwatch', 'sha-860c190']],
  ['scoped tag', ['p1-v1.2.3', 'sha-860c190']],
  ['pull request', ['pr-7', 'sha-860c190']],
  ['pull request target', ['pr-7', 'sha-860c190']],
  ['schedule', ['nightly', 'main', 'sha-860c190', 'latest']],
  ['dispatch', ['my-branch', 'sha-860c190']],
  ['merge group', ['gh-readonly-queue-main-pr-7-0f1e2d', 'sha-860c190']],
]

for (const [name, expected] of defaults) {
  test(`no tags: ${name}`, async () => {
    const plan = await planned({}, events[name])
    assert.deepEqual(
      plan.tags,
      expected.map(tag => `ghcr.io/octocat/hello-world:${tag}`),
    )
    assert.equal(plan.version, expected[0])
    assert.deepEqual(plan.findings, noFindings())
  })
}

const commonRules =
  'type=ref,event=branch\ntype=ref,event=pr\ntype=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}'

const sets: readonly { name: string; given: Given; event: EventName; expected: readonly string[] }[] = [
  {
    name: 'common rules',
    given: { tags: commonRules },
    event: 'version tag',
    expected: ['1.2.3', '1.2', 'latest'],
  },
  {
    name: 'common rules',
    given: { tags: commonRules },
    event: 'prerelease tag',
    expected: ['2.0.8-beta.67'],
  },
  { name: 'common rules', given: { tags: commonRules }, event: 'pull request', expected: ['pr-7'] },
  {
    name: 'by priority of the type, then in the order of the input',
    given: { tags: 'type=sha\nfoo\ntype=ref,event=tag\nbar\ntype=semver,pattern={{version}}' },
    event: 'version tag',
    expected: ['1.2.3', 'v1.2.3', 'foo', 'bar', 'sha-860c190', 'latest'],
  },
  {
    name: 'by explicit priority',
    given: { tags: 'type=ref,event=branch\ntype=sha,priority=2000\ntype=raw,value=x,priority=601' },
    event: 'branch',
    expected: ['sha-860c190', 'x', 'my-branch'],
  },
  {
    name: 'the rule of the first tag decides on latest',
    given: { tags: 'type=ref,event=tag\ntype=raw,value=x,priority=601' },
    event: 'version tag',
    expected: ['x', 'v1.2.3'],
  },
  {
    name: 'a rule without a tag does not decide on latest',
    given: { tags: 'type=raw,value={{branch}},priority=950\ntype=semver,pattern={{version}}' },
    event: 'version tag',
    expected: ['1.2.3', 'latest'],
  },
  {
    name: 'no duplicates',
    given: { tags: 'foo\nfoo\nlatest\ntype=raw,value=foo', flavor: 'latest=true' },
    event: 'branch',
    expected: ['foo', 'latest'],
  },
  { name: 'comments', given: { tags: '# one\n  # two\nfoo\n' }, event: 'branch', expected: ['foo'] },
  {
    name: 'only comments: the default rules apply',
    given: { tags: '# one' },
    event: 'branch',
    expected: ['my-branch', 'sha-860c190'],
  },
  {
    name: 'flavor: latest',
    given: { tags: 'type=sha', flavor: 'latest=true' },
    event: 'branch',
    expected: ['sha-860c190', 'latest'],
  },
  {
    name: 'flavor: never latest',
    given: { tags: commonRules, flavor: 'latest=false' },
    event: 'version tag',
    expected: ['1.2.3', '1.2'],
  },
  {
    name: 'flavor: never latest, without tags',
    given: { flavor: 'latest=false' },
    event: 'default branch',
    expected: ['main', 'sha-860c190'],
  },
  {
    name: 'flavor: a suffix does not apply to latest',
    given: { tags: commonRules, flavor: 'suffix=-alpine' },
    event: 'version tag',
    expected: ['1.2.3-alpine', '1.2-alpine', 'latest'],
  },
  {
    name: 'flavor: a suffix with onlatest applies to latest too',
    given: { tags: commonRules, flavor: 'suffix=-alpine,onlatest=true' },
    event: 'version tag',
    expected: ['1.2.3-alpine', '1.2-alpine', 'latest-alpine'],
  },
  {
    name: 'flavor: booleans as YAML prints them',
    given: { tags: commonRules, flavor: 'latest=False\nsuffix=-alpine,onlatest=True' },
    event: 'version tag',
    expected: ['1.2.3-alpine', '1.2-alpine'],
  },
  {
    name: 'flavor: onlatest applies only to the affix on its line',
    given: { tags: commonRules, flavor: 'suffix=-alpine\nonlatest=true' },
    event: 'version tag',
    expected: ['1.2.3-alpine', '1.2-alpine', 'latest'],
  },
  {
    name: 'flavor: prefix and suffix with templates',
    given: { tags: 'type=sha', flavor: 'prefix={{branch}}-,onlatest=true\nsuffix=-x\nlatest=true' },
    event: 'branch',
    expected: ['sha-860c190-x', 'my-branch-latest'],
  },
  {
    name: "flavor: the rule's affixes override it",
    given: { tags: 'foo\ntype=raw,value=bar,prefix=,suffix=-y', flavor: 'prefix=a-\nsuffix=-x' },
    event: 'branch',
    expected: ['a-foo-x', 'bar-y'],
  },
]

for (const { name, given, event, expected } of sets) {
  test(`tags: ${name}: ${event}`, async () => {
    const plan = await planned(given, events[event])
    assert.deepEqual(plan.tagNames, expected)
    assert.deepEqual(plan.findings.problems, [])
  })
}

const references: readonly {
  name: string
  given: Given
  tags: readonly string[]
  images: readonly string[]
  version: string
}[] = [
  {
    name: 'only full references: the image comes from them',
    given: { tags: 'user/app:latest,ghcr.io/user/app:1.0' },
    tags: ['user/app:latest', 'ghcr.io/user/app:1.0'],
    images: ['user/app', 'ghcr.io/user/app'],
    version: 'latest',
  },
  {
    name: 'the default tag is latest',
    given: { tags: 'localhost:5000/app' },
    tags: ['localhost:5000/app:latest'],
    images: ['localhost:5000/app'],
    version: 'latest',
  },
  {
    name: 'together with plain tags for the image',
    given: { image: 'user/app', tags: 'ghcr.io/user/other:x\nfoo' },
    tags: ['user/app:foo', 'ghcr.io/user/other:x'],
    images: ['user/app', 'ghcr.io/user/other'],
    version: 'foo',
  },
  {
    name: 'several tags of one image',
    given: { tags: 'user/app:a\nuser/app:b\ndocker.io/user/app:a' },
    tags: ['user/app:a', 'user/app:b', 'docker.io/user/app:a'],
    images: ['user/app'],
    version: 'a',
  },
  {
    name: 'templates',
    given: { tags: "user/app:{{sha}}-{{date 'HH'}}" },
    tags: ['user/app:860c190-00'],
    images: ['user/app'],
    version: '860c190-00',
  },
  {
    name: 'upper case in the name, not in the tag',
    given: { tags: 'User/App:RC1' },
    tags: ['user/app:RC1'],
    images: ['user/app'],
    version: 'RC1',
  },
  {
    name: 'the name of a branch with a slash is a plain tag',
    given: { image: 'user/app', tags: 'my/branch\nx-my/branch' },
    tags: ['user/app:my-branch', 'user/app:x-my-branch'],
    images: ['user/app'],
    version: 'my-branch',
  },
]

for (const { name, given, tags, images, version } of references) {
  test(`full references: ${name}`, async () => {
    const plan = await planned(given, events.branch)
    assert.deepEqual(causes(plan.findings), [])
    assert.deepEqual(plan.tags, tags)
    assert.deepEqual(
      plan.images.map(image => image.name),
      images,
    )
    assert.equal(plan.version, version)
  })
}

test('full references: an invalid tag and a digest are rejected', async () => {
  const digest = `sha256:${'0'.repeat(64)}`
  const { findings } = await planned({ tags: `user/app:a b\nuser/app@${digest}` })
  assert.deepEqual(causes(findings), [
    '`tags` has `user/app:a b`: `a b` is not a valid tag.',
    `\`tags\` has \`user/app@${digest}\`, which contains a digest.`,
  ])
})

test('DOCKER_METADATA_SHORT_SHA_LENGTH and DOCKER_METADATA_PR_HEAD_SHA select the short commit', async () => {
  const tags = 'type=sha\ntype=raw,value={{sha}}'
  const env = { DOCKER_METADATA_SHORT_SHA_LENGTH: '10', DOCKER_METADATA_PR_HEAD_SHA: 'true' }
  for (const name of ['pull request', 'pull request target'] as const) {
    const plan = await planned({ tags }, events[name], { env })
    assert.deepEqual(plan.tagNames, [headSha.slice(0, 10), `sha-${headSha.slice(0, 10)}`])
    assert.ok(plan.labels.includes(`org.opencontainers.image.revision=${headSha}`))
  }
  assert.deepEqual((await planned({ tags: 'type=sha' }, events.branch, { env })).tagNames, ['sha-860c1904a1'])
})

test('an invalid DOCKER_METADATA_SHORT_SHA_LENGTH is a problem', async () => {
  const { findings } = await planned({}, events.branch, { env: { DOCKER_METADATA_SHORT_SHA_LENGTH: 'long' } })
  assert.match(causes(findings).join(), /^The variable DOCKER_METADATA_SHORT_SHA_LENGTH is `long`/)
})
