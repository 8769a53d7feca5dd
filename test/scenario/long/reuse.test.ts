/** An image that is already in the registry: deployed, tagged again, reused, promoted. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestIn } from '../registry.ts'
import { noServer, openSite, ship, webCompose } from '../site.ts'

test('build: false deploys an image that was pushed before, and adds a tag', async () => {
  await using site = await openSite('reuse')
  const pushed = await ship(site, { page: 'built once' }, { with: { ...noServer, tags: 'v1' } })
  assert.equal(pushed.conclusion, 'success', pushed.log)
  const run = await ship(site, { page: 'never built' }, { with: { build: false, tags: 'v1\nlatest' } })
  assert.equal(run.conclusion, 'success', run.log)
  assert.equal(await site.page(), 'built once')
  assert.equal(run.outputs['digest'], pushed.outputs['digest'])
  assert.equal(await digestIn(site, 'latest'), pushed.outputs['digest'])
  assert.doesNotMatch(run.log, /buildx/)
})

test('build: false reports an image that is missing in the registry, and changes nothing', async () => {
  await using site = await openSite('absent')
  const run = await ship(site, { page: '' }, { with: { build: false, tags: 'latest' } })
  assert.equal(run.conclusion, 'failure')
  assert.match(
    run.annotations[0]?.message ?? '',
    /`build` is `false`, but `.*:latest` is not in the registry/,
  )
  assert.deepEqual(await site.running(), [])
})

test('an image can be given by its digest', async () => {
  await using site = await openSite('digest')
  const pushed = await ship(site, { page: 'by digest' }, { with: { ...noServer } })
  const image = `${site.image}@${pushed.outputs['digest']}`
  const run = await ship(site, { page: '' }, { with: { build: false, image, tags: '' } })
  assert.equal(run.conclusion, 'success', run.log)
  assert.equal(await site.page(), 'by digest')
  assert.equal(run.outputs['deployed'], image)
})

test('build: auto builds a commit once', async () => {
  await using site = await openSite('auto')
  const inputs = {
    ...noServer,
    build: 'auto',
    tags: 'type=sha\ntype=raw,value=latest',
    platforms: 'linux/amd64',
  }
  const first = await ship(site, { page: 'one' }, { with: inputs })
  assert.match(first.log, /docker buildx build/, first.log)
  const again = await ship(site, { page: 'two' }, { with: inputs })
  assert.doesNotMatch(again.log, /docker buildx build/)
  assert.equal(again.outputs['digest'], first.outputs['digest'])
  const more = await ship(
    site,
    { page: 'two' },
    { with: { ...inputs, platforms: 'linux/amd64,linux/arm64' } },
  )
  assert.match(more.log, /docker buildx build/, 'a missing platform has to be built')
})

test('promote moves a tag only if the release is healthy', async () => {
  await using site = await openSite('promote')
  const good = await ship(site, { page: 'good' }, { with: { promote: 'stable' } })
  assert.equal(good.conclusion, 'success', good.log)
  assert.equal(await digestIn(site, 'stable'), good.outputs['digest'])
  const bad = await ship(site, { page: 'bad', run: 'CMD ["false"]' }, { with: { promote: 'stable' } })
  assert.equal(bad.conclusion, 'failure')
  assert.equal(await digestIn(site, 'stable'), good.outputs['digest'])
})

test('a tag that no service runs is reported, with the tag that the compose file has', async () => {
  await using site = await openSite('tagless', {
    compose: all => webCompose(all).replace(':latest', ':production'),
  })
  const run = await ship(site, { page: 'x' })
  assert.equal(run.conclusion, 'failure')
  assert.match(run.annotations[0]?.message ?? '', /production/)
  assert.doesNotMatch(run.log, /buildx build/, 'it is reported before anything is built')
})
