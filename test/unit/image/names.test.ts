import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noFindings } from '../../../src/core/findings.ts'
import type { InputName } from '../../../src/inputs/inputs.ts'
import { causes, event, events, planned } from './events.ts'

type Given = Partial<Record<InputName, string>>

const digest = `sha256:${'0'.repeat(64)}`

const valid: readonly { name: string; given: Given; expected: readonly string[] }[] = [
  { name: 'the repository by default', given: {}, expected: ['ghcr.io/octocat/hello-world:x'] },
  { name: 'one image', given: { image: 'user/app' }, expected: ['user/app:x'] },
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
  { name: 'upper-case letters', given: { image: 'ghcr.io/User/App' }, expected: ['ghcr.io/user/app:x'] },
  { name: 'a port', given: { image: 'localhost:5000/app' }, expected: ['localhost:5000/app:x'] },
  {
    name: 'the repository in the registry of the login',
    given: { registry: 'registry.example.com' },
    expected: ['registry.example.com/octocat/hello-world:x'],
  },
  {
    name: "Docker Hub's URL as registry",
    given: { registry: 'https://index.docker.io/v1/' },
    expected: ['docker.io/octocat/hello-world:x'],
  },
]

for (const { name, given, expected } of valid) {
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
  test(`image: the default on ${GITHUB_SERVER_URL}`, async () => {
    const context = event('push', 'refs/heads/main', {}, { GITHUB_SERVER_URL, GITHUB_API_URL })
    assert.deepEqual((await planned({ tags: 'x' }, context)).tags, [expected])
  })
}

const invalid: readonly { name: string; given: Given; expected: RegExp }[] = [
  {
    name: '`image` together with `images`',
    given: { image: 'a/b', images: 'a/b' },
    expected: /^`image` and `images` are both set/,
  },
  {
    name: 'an unknown attribute',
    given: { image: 'name=a/b,enabled=true' },
    expected: /`enabled=true`, which is not valid/,
  },
  {
    name: 'an invalid boolean',
    given: { image: 'a/b,enable=yes' },
    expected: /`enable=yes`, which is not valid/,
  },
  { name: 'no name', given: { images: 'enable=true' }, expected: /^`images` has `enable=true`/ },
  {
    name: 'a URL',
    given: { image: 'https://ghcr.io/a/b' },
    expected: /^`image` has `https:\/\/ghcr.io\/a\/b`: it is a URL/,
  },
  {
    name: 'an empty part of the name',
    given: { image: 'ghcr.io/a//b' },
    expected: /a part of the name is empty/,
  },
  {
    name: 'emulators',
    given: { image: 'tonistiigi/binfmt:latest' },
    expected: /^`image` is `tonistiigi\/binfmt:latest`, which contains emulators/,
  },
  {
    name: 'a tag together with `tags`',
    given: { image: 'a/b:1', tags: 'x' },
    expected: /^`image` is `a\/b` with the tag `1`, and `tags` is set too/,
  },
  {
    name: 'the digest of an image that is not built yet',
    given: { image: `a/b@${digest}` },
    expected: /^`image` contains a digest of `a\/b`/,
  },
]

for (const { name, given, expected } of invalid) {
  test(`image rejects ${name}`, async () => {
    const { findings } = await planned(given)
    assert.equal(findings.problems.length, 1, causes(findings).join('\n'))
    assert.match(causes(findings).join(), expected)
  })
}

test('image: the remedy for an image of emulators is `qemu-image`', async () => {
  const { findings } = await planned({ image: 'docker/binfmt' })
  assert.match(findings.problems[0]?.remedy ?? '', /`qemu-image`/)
})

test('image: a repository named binfmt builds its own image', async () => {
  const context = { ...events['default branch'], repository: 'me/binfmt' }
  assert.deepEqual((await planned({ tags: 'x' }, context)).tags, ['ghcr.io/me/binfmt:x'])
})

test('image: a fixed tag is the only tag', async () => {
  const plan = await planned({ image: 'user/app:1.4', flavor: 'latest=true' })
  assert.deepEqual([plan.tags, plan.tagNames, plan.version], [['user/app:1.4'], ['1.4'], '1.4'])
  assert.deepEqual(plan.findings.problems, [])
})

test('image: with `build: false`, a digest identifies an existing image', async () => {
  const plan = await planned({ image: `user/app@${digest}`, build: 'false' })
  assert.deepEqual(plan.findings, noFindings())
  assert.deepEqual(plan.tags, [])
  assert.equal(plan.images[0]?.reference.digest, digest)
})

test('image: no image is enabled', async () => {
  const plan = await planned({ image: 'name=user/app,enable=false', tags: 'x' })
  assert.deepEqual([plan.images, plan.tags, plan.tagNames, plan.version], [[], [], ['x'], 'x'])
  assert.deepEqual(plan.findings.warnings, ['`image`: no image is enabled, so Slipway tags nothing.'])
})

test('image: the conversion to lower case is reported once', async () => {
  const { findings } = await planned({ image: 'ghcr.io/User/App\nghcr.io/User/App' })
  assert.deepEqual(findings.warnings, [
    '`image`: Slipway uses `ghcr.io/user/app` for `ghcr.io/User/App`, because image names are lower case.',
  ])
})

test('image: the case of github.repository is not reported', async () => {
  const plan = await planned({ image: 'ghcr.io/octocat/Hello-World', tags: 'x' })
  assert.deepEqual(plan.tags, ['ghcr.io/octocat/hello-world:x'])
  assert.deepEqual(plan.findings, noFindings())
})

test('image: no image and no repository', async () => {
  const { findings } = await planned({ tags: 'x' }, { ...events['default branch'], repository: '' })
  assert.match(causes(findings).join(), /^`image` is not set, and this run has no repository/)
})

for (const repository of ['octo/.github', 'octo/a..b', 'octo/-x']) {
  test(`image: no image, and the repository's name is not a valid image name: ${repository}`, async () => {
    const { findings } = await planned({ tags: 'x' }, { ...events['default branch'], repository })
    assert.equal(findings.problems.length, 1)
    assert.match(
      causes(findings).join(),
      /^`image` is not set, and the name of this repository is not a valid image name/,
    )
  })
}
