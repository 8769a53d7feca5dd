/** What happens around the switch to the new release: commands, external checks, and the order of runs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertGreen, assertRed, errorsOf } from '../expect.ts'
import { digestIn } from '../registry.ts'
import { openSite, ship, webCompose } from '../site.ts'

test('commands run in the new image and on the server, in order, with their output in the log', async () => {
  await using site = await openSite('hooks')
  const run = await ship(
    site,
    { page: 'hooked' },
    {
      with: {
        'host-before': 'echo "in $PWD"; echo 1 >>order',
        'run-before': `web sh -c "echo migrating; cat /www/index.html; echo 'two words'"`,
        'run-after': 'web echo seeded',
        'host-after': 'echo 2 >>order; sleep 300 &',
      },
    },
  )
  assertGreen(run)
  for (const line of [`in ${site.directory}`, 'migrating', 'hooked', 'two words', 'seeded'])
    assert.match(run.log, new RegExp(`^ *${line}$`, 'm'))
  assert.equal(await site.sh('cat order'), '1\n2\n')
  // Other projects deploy on this server at the same time.
  const own = `--filter label=com.docker.compose.project=${site.name}`
  assert.equal(await site.sh(`docker ps -aq --filter name=slipway- ${own}`), '')
})

test('commands run in the running container: before the switch in the old one, then in the new one', async () => {
  await using site = await openSite('exec')
  const commands = {
    'exec-before': '--workdir /www web cat index.html',
    'exec-after': `--workdir /www web sh -c 'echo "now $(cat index.html)"'`,
  }
  const first = await ship(site, { page: 'old' }, { with: commands })
  assertGreen(first)
  assert.match(first.log, /Skip the command in web: it is not running yet/)
  const second = await ship(site, { page: 'new' }, { with: commands })
  assertGreen(second)
  for (const line of ['old', 'now new']) assert.match(second.log, new RegExp(`^ *${line}$`, 'm'))
  const before = await site.running()
  const third = await ship(site, { page: 'never' }, { with: { 'exec-before': 'web false' } })
  assert.equal(third.conclusion, 'failure')
  assert.deepEqual(await site.running(), before)
  const fourth = await ship(site, { page: 'worse' }, { with: { 'exec-after': 'web sh -c "exit 3"' } })
  assert.equal(fourth.outputs['rolled-back'], 'true', fourth.log)
  assert.equal(await site.page(), 'new')
})

test('a failing migration does not change the running release', async () => {
  await using site = await openSite('migrate')
  assertGreen(await ship(site, { page: 'old' }))
  const before = await site.running()
  const run = await ship(
    site,
    { page: 'new', files: { 'page.txt': 'x' } },
    { with: { 'run-before': 'web sh -c "echo broken; exit 4"', files: 'page.txt', env: 'A=b' } },
  )
  assert.equal(run.conclusion, 'failure')
  assert.match(errorsOf(run)[0]?.message ?? '', /exited with code 4.*Nothing was changed/s)
  assert.deepEqual(await site.running(), before)
  assert.equal(await site.page(), 'old')
  assert.equal(await site.sh('ls -A | grep -v .slipway'), 'compose.yaml\n')
})

test('a failing command after the gate causes a rollback', async () => {
  await using site = await openSite('after')
  assertGreen(await ship(site, { page: 'old' }))
  const run = await ship(site, { page: 'new' }, { with: { 'run-after': 'web false' } })
  assert.equal(run.outputs['rolled-back'], 'true', run.log)
  assert.equal(await site.page(), 'old')
})

for (const from of ['runner', 'server']) {
  test(`a failing external check rolls back a healthy release (checked from the ${from})`, async () => {
    await using site = await openSite('front')
    const host = from === 'server' ? '127.0.0.1' : site.server.address
    const check = (path: string) => ({
      'check-url': `http://${host}:${site.port}/${path}`,
      'check-from': from,
      'check-timeout': '5',
    })
    assertGreen(await ship(site, { page: 'good' }, { with: { ...check(''), 'check-contains': 'good' } }))
    const run = await ship(site, { page: 'lost' }, { with: check('missing') })
    assert.equal(run.conclusion, 'failure')
    assert.equal(run.outputs['rolled-back'], 'true', run.log)
    assert.match(errorsOf(run)[0]?.message ?? '', /it answers 404/)
    assert.equal(await site.page(), 'good')
  })
}

for (const [onLost, page] of [
  ['keep', 'new'],
  ['roll back', 'good'],
] as const) {
  test(`without an answer from the runner the server decides: ${onLost}`, async () => {
    await using site = await openSite('lost')
    assertGreen(await ship(site, { page: 'good' }))
    const url = `http://${site.server.address}:${site.port}/missing`
    const run = await ship(
      site,
      { page: 'new' },
      {
        with: { 'check-url': url, 'check-on-lost': onLost },
        onLine: (line, action) => {
          if (line.includes('Wait for the public check')) action.cancel()
        },
      },
    )
    assert.notEqual(run.conclusion, 'success')
    assert.match(run.log + (run.post?.log ?? ''), /No answer from the runner/)
    assert.equal(await site.page(), page)
  })
}

test('a run that a newer one has overtaken is rejected before it builds, unless `allow-older` is set', async () => {
  await using site = await openSite('order', { compose: webCompose })
  const github = (number: string) => ({
    github: { run_number: number, workflow: 'CI', ref: 'refs/heads/main' },
  })
  assertGreen(await ship(site, { page: 'seven' }, github('7')))
  const before = await site.running()
  const tagged = await digestIn(site, 'latest')
  const late = await ship(site, { page: 'six' }, github('6'))
  assertRed(late, {
    stage: 'preflight',
    cause:
      /A newer run of this workflow has already deployed `web`: .*run 7, .*\. This is run 6, so nothing was built, pushed or changed/,
    remedy: /allow-older: true.*rollback-to/,
  })
  assert.match(
    late.summary,
    /^### ⏭️ Run 6 is older than the running release: nothing was built or changed; `web` keeps running/,
  )
  assert.deepEqual(await digestIn(site, 'latest'), tagged)
  assert.deepEqual(await site.running(), before)
  assertGreen(await ship(site, { page: 'six' }, { ...github('6'), with: { 'allow-older': true } }))
  assert.equal(await site.page(), 'six')
  const other = { github: { run_number: '2', workflow: 'Other', ref: 'refs/heads/main' } }
  assertGreen(await ship(site, { page: 'other' }, other))
  assert.equal(await site.page(), 'other')
})
