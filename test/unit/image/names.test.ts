import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noFindings } from '../../../src/core/findings.ts'
import type { InputName } from '../../../src/inputs/inputs.ts'
import { causes, event, events, planned } from './events.ts'

type Given = Partial<Record<InputName, string>>

const digest = `sha256:${'0'.repeat(64)}`

const good: readonly { name: string; given: Given; expected: readonly string[] }[] = [
  { name: 'the repository, where nothing is given', given: {}, expected: ['ghcr.io/octocat/hello-world:x'] },
  { name: 'one', given: { image: 'user/app' }, expected: ['user/app:x'] },
  {
    name: 'lines',
    given: { image: 'user/app\n# not this\nghcr.io/user/app' },
    expected: ['user/app:x', 'ghcr.io/user/app:x'],
  },
  {
    name: 'a line of CSV',
    given: { image: 'user/app,ghcr.io/user/app' },
    expected: ['user/app:x', 'ghcr.io/user/app:x'],
  },
  { name: 'the alias', given: { images: 'user/app' }, expected: ['user/app:x'] },
  {
    name: 'attributes',
    given: { images: 'name=user/app\nname=ghcr.io/user/app,enable=false\nuser/other,enable=true' },
    expected: ['user/app:x', 'user/other:x'],
  },
  { name: 'upper case', given: { image: 'ghcr.io/User/App' }, expected: ['ghcr.io/user/app:x'] },
  { name: 'a port', given: { image: 'localhost:5000/app' }, expected: ['localhost:5000/app:x'] },
  {
    name: 'the registry that is logged in to',
    given: { registry: 'registry.example.com' },
    expected: ['registry.example.com/octocat/hello-world:x'],
  },
  {
    name: "Docker Hub's URL as registry",
    given: { registry: 'https://index.docker.io/v1/' },
    expected: ['docker.io/octocat/hello-world:x'],
  },
]

for (const { name, given, expected } of good) {
  test(`image: ${name}`, async () => {
    const plan = await planned({ tags: 'x', ...given })
    assert.deepEqual(plan.findings.problems, [])
    assert.deepEqual(plan.tags, expected)
  })
}

const servers: readonly [serverUrl: string, apiUrl: string, expected: string][] = [
  ['https://github.com', 'https://api.github.com', 'ghcr.io/octocat/hello-world:x'],
  ['https://octo.ghe.com', 'https://api.octo.ghe.com', 'containers.octo.ghe.com/octocat/hello-world:x'],
  [
    'https://git.example.com',
    'https://git.example.com/api/v3',
    'containers.git.example.com/octocat/hello-world:x',
  ],
  ['https://codeberg.org', 'https://codeberg.org/api/v1', 'codeberg.org/octocat/hello-world:x'],
  ['http://gitea:3000', 'http://gitea:3000/api/v1', 'gitea:3000/octocat/hello-world:x'],
]

for (const [GITHUB_SERVER_URL, GITHUB_API_URL, expected] of servers) {
  test(`image: none, on ${GITHUB_SERVER_URL}`, async () => {
    const context = event('push', 'refs/heads/main', {}, { GITHUB_SERVER_URL, GITHUB_API_URL })
    assert.deepEqual((await planned({ tags: 'x' }, context)).tags, [expected])
  })
}

const bad: readonly { name: string; given: Given; expected: RegExp }[] = [
  {
    name: 'both names of the input',
    given: { image: 'a/b', images: 'a/b' },
    expected: /^`image` and `images` are both given/,
  },
  {
    name: 'an attribute that there is not',
    given: { image: 'name=a/b,enabled=true' },
    expected: /`enabled=true`, which is not understood/,
  },
  {
    name: 'neither true nor false',
    given: { image: 'a/b,enable=yes' },
    expected: /`enable=yes`, which is not understood/,
  },
  { name: 'no name', given: { images: 'enable=true' }, expected: /^`images` has `enable=true`/ },
  {
    name: 'a URL',
    given: { image: 'https://ghcr.io/a/b' },
    expected: /^`image` has `https:\/\/ghcr.io\/a\/b`: it is a URL/,
  },
  {
    name: 'no repository name',
    given: { image: 'ghcr.io/a//b' },
    expected: /a part of the name is empty/,
  },
  {
    name: 'emulators',
    given: { image: 'tonistiigi/binfmt:latest' },
    expected: /^`image` is `tonistiigi\/binfmt:latest`, which holds emulators/,
  },
  {
    name: 'a tag beside tags',
    given: { image: 'a/b:1', tags: 'x' },
    expected: /^`image` is `a\/b` with the tag `1`, and `tags` is given too/,
  },
  {
    name: 'a digest of what is yet to be built',
    given: { image: `a/b@${digest}` },
    expected: /^`image` names a digest of `a\/b`/,
  },
]

for (const { name, given, expected } of bad) {
  test(`image refuses ${name}`, async () => {
    const { findings } = await planned(given)
    assert.equal(findings.problems.length, 1, causes(findings).join('\n'))
    assert.match(causes(findings).join(), expected)
  })
}

test('image: the remedy for an image of emulators names their input', async () => {
  const { findings } = await planned({ image: 'docker/binfmt' })
  assert.match(findings.problems[0]?.remedy ?? '', /`qemu-image`/)
})

test('image: a repository that is named binfmt builds its own', async () => {
  const context = { ...events['default branch'], repository: 'me/binfmt' }
  assert.deepEqual((await planned({ tags: 'x' }, context)).tags, ['ghcr.io/me/binfmt:x'])
})

test('image: a tag of its own is the only one', async () => {
  const plan = await planned({ image: 'user/app:1.4', flavor: 'latest=true' })
  assert.deepEqual([plan.tags, plan.tagNames, plan.version], [['user/app:1.4'], ['1.4'], '1.4'])
  assert.deepEqual(plan.findings.problems, [])
})

test('image: a digest names what is there already', async () => {
  const plan = await planned({ image: `user/app@${digest}`, build: 'false' })
  assert.deepEqual(plan.findings, noFindings())
  assert.deepEqual(plan.tags, [])
  assert.equal(plan.images[0]?.reference.digest, digest)
})

test('image: none is enabled', async () => {
  const plan = await planned({ image: 'name=user/app,enable=false', tags: 'x' })
  assert.deepEqual([plan.images, plan.tags, plan.tagNames, plan.version], [[], [], ['x'], 'x'])
  assert.deepEqual(plan.findings.warnings, ['`image`: none is enabled, so nothing is tagged.'])
})

test('image: lower case is told of, once', async () => {
  const { findings } = await planned({ image: 'ghcr.io/User/App\nghcr.io/User/App' })
  assert.deepEqual(findings.warnings, [
    '`image`: `ghcr.io/User/App` is taken as `ghcr.io/user/app`: the names of images are lower case.',
  ])
})

test('image: the letters of github.repository are no news', async () => {
  const plan = await planned({ image: 'ghcr.io/octocat/Hello-World', tags: 'x' })
  assert.deepEqual(plan.tags, ['ghcr.io/octocat/hello-world:x'])
  assert.deepEqual(plan.findings, noFindings())
})

test('image: none, and no repository', async () => {
  const { findings } = await planned({ tags: 'x' }, { ...events['default branch'], repository: '' })
  assert.match(causes(findings).join(), /^`image` is not given, and this run has no repository/)
})

for (const repository of ['octo/.github', 'octo/a..b', 'octo/-x']) {
  test(`image: none, and a repository whose name makes none: ${repository}`, async () => {
    const { findings } = await planned({ tags: 'x' }, { ...events['default branch'], repository })
    assert.equal(findings.problems.length, 1)
    assert.match(
      causes(findings).join(),
      /^`image` is not given, and the name of this repository makes no image name/,
    )
  })
}
