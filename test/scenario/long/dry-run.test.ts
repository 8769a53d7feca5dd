import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { ActionRun } from '../../rig/runner.ts'
import { assertGreen, assertRed } from '../expect.ts'
import { digestIn } from '../registry.ts'
import { noServer, openSite, type Site, ship, webCompose } from '../site.ts'

// A dry run reports what a run would do, and changes nothing on the server or in the registry.

const planOf = (run: ActionRun) => JSON.parse(run.outputs['plan'] ?? '{}')

/** Returns everything in the project that a run could change. */
const stateOf = async (site: Site): Promise<string> =>
  await site.sh(
    `docker ps -a --no-trunc --filter label=com.docker.compose.project=${site.name} --format '{{.ID}} {{.Status}}' | sed 's/ Up.*//'; ` +
      `docker images --no-trunc --format '{{.ID}} {{.Tag}}' ${site.image}; ` +
      'ls -lAR --time-style=full-iso . ; find . -type f | sort | xargs md5sum',
  )

suite('a dry run', { concurrency: 2 }, () => {
  test('of a first deploy reports what it would build, push and run, and sets the outputs that are known', async () => {
    await using site = await openSite('dry-first')
    const before = await site.sh('ls -lAR --time-style=full-iso .')
    const run = await ship(
      site,
      { page: 'one' },
      { with: { 'dry-run': true, platforms: 'linux/amd64,linux/arm64' } },
    )
    assertGreen(run)
    assert.equal(await site.sh('ls -lAR --time-style=full-iso .'), before)
    assert.deepEqual(await site.running(), [])
    assert.equal(await digestIn(site, 'latest'), undefined)
    assert.doesNotMatch(run.log, /buildx (build|create)/)
    const { build, push, deploy } = planOf(run)
    assert.deepEqual(build.platforms, ['linux/amd64', 'linux/arm64'])
    assert.deepEqual(push, [`${site.image}:latest`])
    assert.equal(deploy.services[0].from, undefined)
    assert.match(run.summary, /Dry run/)
    for (const name of ['tags', 'version', 'labels', 'json']) assert.ok(run.outputs[name], name)
    for (const name of ['digest', 'image', 'imageid']) assert.equal(run.outputs[name], undefined, name)
  })

  test('of an update reports the current release, and that the compose configuration has changed', async () => {
    await using site = await openSite('dry-update')
    const first = await ship(site, { page: 'one' })
    assertGreen(first)
    await site.write('compose.yaml', webCompose(site, '    environment: { NEW: "1" }\n'))
    const before = await stateOf(site)
    const run = await ship(site, { page: 'two' }, { with: { 'dry-run': true } })
    assertGreen(run)
    assert.equal(await stateOf(site), before)
    assert.equal(await site.page(), 'one')
    const [web] = planOf(run).deploy.services
    assert.equal(web.from, first.outputs['image'])
    assert.equal(web.configChanged, true)
    assert.equal(web.drift, undefined)
    assert.equal(run.outputs['deployed'], first.outputs['image'])
    assert.match(run.log, /its compose configuration has changed/)
  })

  test('reports manual changes on the server', async () => {
    await using site = await openSite('dry-drift')
    assertGreen(await ship(site, { page: 'one' }))
    const dockerfile = `FROM ${site.image}:latest\\nRUN echo by hand >/www/index.html\\n`
    await site.sh(
      `printf '${dockerfile}' | docker build -q -t ${site.image}:latest - && docker compose up -d`,
    )
    const run = await ship(site, { page: 'two' }, { with: { 'dry-run': true } })
    assertGreen(run)
    assert.match(planOf(run).deploy.services[0].drift, /is the last verified release/)
  })

  test('without a server only plans the build', async () => {
    await using site = await openSite('dry-build')
    const run = await ship(site, { page: 'one' }, { with: { ...noServer, 'dry-run': true } })
    assertGreen(run)
    assert.equal(planOf(run).deploy, undefined)
    assert.deepEqual(planOf(run).push, [`${site.image}:latest`])
    assert.equal(await digestIn(site, 'latest'), undefined)
  })

  test('fails if a run would fail', async () => {
    await using site = await openSite('dry-fails')
    const run = await ship(site, { page: 'one' }, { with: { 'dry-run': true, service: 'wbe' } })
    assertRed(run, { stage: 'preflight', cause: /`wbe`/, remedy: /Did you mean `web`/ })
  })
})
