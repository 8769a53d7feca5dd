import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { assertGreen, assertRed, warningsOf } from './expect.ts'
import { digestIn, platformsIn } from './registry.ts'
import { noServer, openSite, ship } from './site.ts'

// Builds, from the Dockerfile to the image in the registry.

/** The expected annotations: from the event and from the input, for each level that an index has. */
const expectedAnnotations = [
  ...['manifest', 'index'].flatMap(level =>
    [
      'org.example.colour=green',
      'org.opencontainers.image.created=now',
      'org.opencontainers.image.description=An application',
      'org.opencontainers.image.licenses=',
      'org.opencontainers.image.revision=4b825dc642cb6eb9a060e54bf8d69288fbee4904',
      'org.opencontainers.image.source=https://github.com/octo/app',
      'org.opencontainers.image.title=app',
      'org.opencontainers.image.url=https://github.com/octo/app',
      'org.opencontainers.image.version=latest',
    ].map(line => `${level}:${line}`),
  ),
  'manifest:org.example.level=one',
]

suite('builds', { concurrency: 2 }, () => {
  test('for two platforms: both are in the index that is pushed and deployed', async () => {
    await using site = await openSite('platforms')
    const run = await ship(
      site,
      { page: 'two' },
      {
        with: {
          platforms: 'linux/amd64,linux/arm64',
          tags: 'latest\nv1',
          annotations: 'org.example.colour=green\nmanifest:org.example.level=one',
        },
      },
    )
    assertGreen(run)
    const { digest = '', image, imageid, tags } = run.outputs
    assert.match(digest, /^sha256:[0-9a-f]{64}$/)
    assert.match(imageid ?? '', /^sha256:[0-9a-f]{64}$/)
    assert.equal(image, `${site.image}@${digest}`)
    assert.equal(tags, `${site.image}:latest\n${site.image}:v1`)
    assert.equal(run.outputs['tag-names'], 'latest\nv1')
    const metadata = JSON.parse(run.outputs['metadata'] ?? '')
    assert.equal(metadata['containerimage.digest'], digest)
    assert.equal(metadata['image.name'], `${site.image}:latest,${site.image}:v1`)
    const annotations = run.outputs['annotations']?.replaceAll(
      /(created=)\d{4}-\d\d-\d\dT[\d:.]+Z$/gm,
      '$1now',
    )
    assert.equal(annotations, expectedAnnotations.join('\n'))
    assert.equal(await digestIn(site, 'latest'), digest)
    assert.equal(await digestIn(site, 'v1'), digest)
    assert.deepEqual(await platformsIn(site, digest), ['linux/amd64', 'linux/arm64'])
    assert.equal(run.outputs['deployed'], image)
    assert.ok((await site.digests()).includes(image ?? ''), 'the container runs the pushed image')
    assert.equal(await site.page(), 'two')
    for (const platform of ['linux/amd64', 'linux/arm64'])
      assert.match(run.summary, new RegExp(`${platform}.*\\d+(\\.\\d+)? [kM]B`))
  })

  test('nothing if the Dockerfile is faulty, and shows the last lines of output', async () => {
    await using site = await openSite('fault')
    const smuggled = String.raw`printf 'a\r::set-output name=smuggled::yes\r##[error]smuggled\n'`
    const run = await ship(site, { page: 'never', run: `RUN ${smuggled}; echo the last words; exit 7` })
    assertRed(run, { stage: 'build', cause: /7|RUN/, remedy: /./ })
    assert.match(run.log, /the last words/)
    assert.match(run.log, /\n\| ::set-output name=smuggled::yes\n# #\[error\]smuggled/)
    assert.equal(run.outputs['smuggled'], undefined)
    assert.deepEqual(await site.running(), [])
    assert.equal(await digestIn(site, 'latest'), undefined)
  })

  test('nothing without a Dockerfile', async () => {
    await using site = await openSite('fileless')
    const run = await ship(site, { page: 'never' }, { with: { context: '.', file: 'deploy/Dockerfile' } })
    assertRed(run, { stage: 'plan', cause: /`file` is `deploy\/Dockerfile`/, remedy: /checkout/ })
  })

  test('a pull request from a fork: green, without pushing or deploying', async () => {
    await using site = await openSite('fork')
    const event = {
      pull_request: {
        number: 7,
        head: { repo: { full_name: 'stranger/app' }, ref: 'main' },
        base: { ref: 'main' },
      },
    }
    const github = { event_name: 'pull_request', ref: 'refs/pull/7/merge' }
    // A run of a fork gets no secrets, so every input that refers to one is empty.
    const without = { 'registry-password': '', 'ssh-key': '', tags: '' }
    const run = await ship(site, { page: 'a proposal' }, { with: without, github, event })
    assertGreen(run)
    assert.match(run.log, /buildx build/)
    assert.match(warningsOf(run).join('\n'), /comes from a fork.*pushes nothing/)
    assert.match(warningsOf(run).join('\n'), /Nothing is deployed/)
    assert.equal(await digestIn(site, 'pr-7'), undefined)
    assert.equal(run.outputs['tags'], `${site.image}:pr-7\n${site.image}:sha-4b825dc`)
    assert.equal(run.outputs['digest'], undefined)
    assert.deepEqual(await site.running(), [])
  })

  test('and pushes, without deploying, if no server is given', async () => {
    await using site = await openSite('pushed')
    const run = await ship(site, { page: 'for nobody' }, { with: noServer })
    assertGreen(run)
    assert.equal(await digestIn(site, 'latest'), run.outputs['digest'])
    assert.equal(run.outputs['deployed'], undefined)
  })

  // Exports in addition to the push, and the inputs that request them. The `digest` output is always that of the push.
  for (const [name, inputs] of [
    ['loaded', { push: 'true', load: 'true' }],
    ['archived', { outputs: 'type=image,push=true\ntype=oci,dest=image.tar' }],
  ] as const) {
    test(`and pushes an image that is also ${name}, with the digest of the push`, async () => {
      await using site = await openSite(name)
      const run = await ship(site, { page: name }, { with: { ...noServer, ...inputs } })
      assertGreen(run)
      assert.match(run.log, /buildx build --builder default/)
      const pushed = await digestIn(site, 'latest')
      assert.equal(run.outputs['digest'], pushed)
      assert.equal(run.outputs['image'], `${site.image}@${pushed}`)
      const loaded = await site.rig.runner.docker('image', 'inspect', `${site.image}:latest`)
      assert.equal(loaded.code, 0, loaded.stderr)
    })
  }
})
