/** The builders: the engine's own, one that Slipway creates, an existing one, and one on another machine. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { askRegistry } from '../../rig/ask-registry.ts'
import type { Rig, RunnerDocker, Server } from '../../rig/rig.ts'
import type { ActionOptions } from '../../rig/runner.ts'
import { assertGreen } from '../expect.ts'
import { digestIn } from '../registry.ts'
import { noServer, openSite, type Site, ship } from '../site.ts'

const two = 'linux/amd64,linux/arm64'

/** Returns the inputs that the docker-container driver needs on the rig, which cannot pull images from the internet. */
async function container(all: Rig): Promise<Record<string, string>> {
  const { driverOpts, config } = await all.buildkit()
  return { 'driver-opts': driverOpts.join('\n'), 'buildkitd-config-inline': config }
}

const source = { page: 'the same everywhere' }

async function buildOnly(site: Site, inputs: Record<string, string>, options: ActionOptions = {}) {
  return await ship(site, source, { ...options, with: { ...noServer, platforms: two, ...inputs } })
}

const builders = async ({ docker }: RunnerDocker) =>
  (await docker('buildx', 'ls', '--format', '{{.Name}}')).stdout

/**
 * Returns the uncompressed digests (`diff_ids`) of the layers of every platform. Compressed digests depend on the
 * program that compressed them.
 */
async function layers({ rig: all, image }: Site): Promise<string[][]> {
  const { registry } = all
  const get = async (kind: 'manifests' | 'blobs', name: string) => {
    const path = `${image.slice(registry.host.length + 1)}/${kind}/${name}`
    return (await (await askRegistry(registry, path)).json()) as Content
  }
  const index = await get('manifests', 'latest')
  const images = index.manifests?.filter(({ platform }) => platform.os === 'linux') ?? []
  return await Promise.all(
    images.map(async ({ digest }) => {
      const { config } = await get('manifests', digest)
      return (await get('blobs', config?.digest ?? '')).rootfs?.diff_ids ?? []
    }),
  )
}

/** The fields of an index, a manifest or a configuration. */
interface Content {
  readonly manifests?: readonly { readonly digest: string; readonly platform: { readonly os: string } }[]
  readonly config?: { readonly digest: string }
  readonly rootfs?: { readonly diff_ids: string[] }
}

describe('builders', () => {
  test("the engine's own builds for two platforms, and no other is created", async () => {
    await using site = await openSite('engine')
    const run = await buildOnly(site, {})
    assertGreen(run)
    assert.doesNotMatch(run.log, /buildx create/)
    assert.equal((await layers(site)).length, 2)
  })

  test('one is created if the engine cannot build, and removed afterwards; its image is deployed', async () => {
    await using site = await openSite('container')
    const classic = await site.rig.runnerDocker('classic')
    const inputs = { platforms: two, ...(await container(site.rig)) }
    const run = await ship(site, { page: 'by a container' }, { env: classic.env, with: inputs })
    assertGreen(run)
    assert.equal(await site.page(), 'by a container')
    const [builder] = /slipway-[0-9a-f]{8}/.exec(run.log) ?? []
    assert.ok(builder, run.log)
    const remaining = await classic.docker('buildx', 'ls')
    assert.ok(!remaining.stdout.includes(builder), remaining.stdout)
  })

  // The `digest` output is that of the push, even if other exports exist or change the image.
  for (const [name, inputs] of [
    ['loaded', { push: 'true', load: 'true' }],
    ['archived', { outputs: 'type=image,push=true\ntype=docker,dest=image.tar' }],
    ['rewritten', { outputs: 'type=oci,dest=image.tar\ntype=registry,rewrite-timestamp=true' }],
    ['nameless', { tags: '', outputs: 'type=image,push-by-digest=true,push=true' }],
  ] as const) {
    test(`a created one pushes an image that is also ${name}, with the digest of the push`, async () => {
      await using site = await openSite(name)
      const run = await ship(site, source, {
        with: { ...noServer, ...inputs, ...(await container(site.rig)) },
      })
      assertGreen(run)
      const { digest = '', image } = run.outputs
      assert.match(digest, /^sha256:[0-9a-f]{64}$/)
      assert.equal(await digestIn(site, digest), digest)
      assert.equal(await digestIn(site, 'latest'), name === 'nameless' ? undefined : digest)
      assert.equal(image, `${site.image}@${digest}`)
      const loaded = await site.rig.runner.docker('image', 'inspect', `${site.image}:latest`)
      assert.equal(loaded.code === 0, name === 'loaded')
    })
  }

  test('the layers are the same with every builder', async () => {
    await using one = await openSite('layers-engine')
    await using other = await openSite('layers-made')
    const workspace = await agedWorkspace(one.rig)
    const options = { workspace, env: { ...one.rig.runner.env, SOURCE_DATE_EPOCH: '1700000000' } }
    assertGreen(await buildOnly(one, {}, options))
    assertGreen(await buildOnly(other, await container(one.rig), options))
    assert.deepEqual(await layers(one), await layers(other))
    assert.ok((await layers(one)).every(ids => ids.length === 2))
    rmSync(workspace, { recursive: true })
  })

  test('a node on another machine, over SSH, builds the same layers', async () => {
    await using one = await openSite('layers-here')
    await using other = await openSite('layers-there')
    const workspace = await agedWorkspace(one.rig)
    const { runner } = one.rig
    const env = { ...runner.env, SOURCE_DATE_EPOCH: '1700000000' }
    assertGreen(await buildOnly(one, {}, { workspace, env }))
    const endpoint = `ssh://deploy@${other.server.address}`
    const path = `${sshFor(other.server, workspace)}:${env.PATH}`
    const inputs = { ...(await container(one.rig)), endpoint }
    assertGreen(await buildOnly(other, inputs, { workspace, env: { ...env, PATH: path } }))
    assert.deepEqual(await layers(one), await layers(other))
    assert.doesNotMatch((await other.server.docker('ps', '--all')).stdout, /buildx_buildkit_slipway-/)
    rmSync(workspace, { recursive: true })
  })

  test('an existing builder is used and kept', async () => {
    await using site = await openSite('existing')
    const { runner } = site.rig
    const { driverOpts, config } = await site.rig.buildkit()
    const directory = mkdtempSync(join(tmpdir(), 'slipway-toml-'))
    writeFileSync(join(directory, 'buildkitd.toml'), config)
    const name = site.name
    const options = driverOpts.flatMap(option => ['--driver-opt', option])
    const created = await runner.docker(
      ...[
        'buildx',
        'create',
        '--name',
        name,
        '--buildkitd-config',
        join(directory, 'buildkitd.toml'),
        ...options,
      ],
    )
    assert.equal(created.code, 0, created.stderr)
    try {
      const run = await buildOnly(site, { builder: name })
      assertGreen(run)
      assert.match(run.log, new RegExp(`buildx build --builder ${name}`))
      assert.ok((await builders(runner)).split('\n').includes(name))
    } finally {
      await runner.docker('buildx', 'rm', '--force', name)
      rmSync(directory, { recursive: true })
    }
  })

  test('a missing builder is created with the given name, and removed afterwards', async () => {
    await using site = await openSite('named')
    const run = await buildOnly(site, { builder: site.name, ...(await container(site.rig)) })
    assertGreen(run)
    assert.match(run.log, new RegExp(`buildx create --bootstrap --name ${site.name}`))
    assert.ok(!(await builders(site.rig.runner)).includes(site.name))
  })
})

/** Creates a workspace whose file has a fixed modification time, because that time is part of the layer. */
async function agedWorkspace(all: Rig): Promise<string> {
  const workspace = mkdtempSync(join(tmpdir(), 'slipway-aged-'))
  writeFileSync(join(workspace, 'Dockerfile'), `FROM ${(await all.base()).reference}\nCOPY page /page\n`)
  writeFileSync(join(workspace, 'page'), 'the same everywhere')
  utimesSync(join(workspace, 'page'), 1_600_000_000, 1_600_000_000)
  return workspace
}

/**
 * Creates an `ssh` command that knows the server and its key, as a runner's own configuration would. Returns its
 * directory, for PATH: docker looks `ssh` up there.
 */
function sshFor({ knownHosts, access }: Server, workspace: string): string {
  const directory = join(workspace, '.ssh')
  mkdirSync(directory)
  writeFileSync(join(directory, 'known_hosts'), `${knownHosts}\n`)
  const options = `-o UserKnownHostsFile=${directory}/known_hosts -o IdentitiesOnly=yes -i ${access.key.file}`
  const ssh = `#!/bin/sh\nexec /usr/bin/ssh -F /dev/null ${options} "$@"\n`
  writeFileSync(join(directory, 'ssh'), ssh, { mode: 0o755 })
  return directory
}
