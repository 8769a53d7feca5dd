/** Progress messages say what a deploy is waiting for. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertGreen } from '../expect.ts'
import { openSite, ship } from '../site.ts'

test('a wait shows the last output of the healthcheck, and the holder of the lock', async () => {
  await using site = await openSite('waiting')
  const dead = 'CMD ["sh", "-c", "sleep 1000"]'
  let second: ReturnType<typeof ship> | undefined
  const first = await ship(
    site,
    { page: 'dead', run: dead },
    {
      with: { 'wait-timeout': '45' },
      onLine: line => {
        if (line.includes('Health check: '))
          second ??= ship(site, { page: 'alive' }, { github: { actor: 'second' } })
      },
    },
  )
  assert.equal(first.conclusion, 'failure')
  assert.match(first.log, /still, after \d+ s: web is not healthy.* \(healthcheck: wget: .+\)/)
  const waited = await second
  assert.ok(waited)
  assertGreen(waited)
  assert.match(waited.log, /Still waiting after \d+ s: the lock is held by https:\S+ \(octo\)/)
})
