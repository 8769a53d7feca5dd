// If no check is configured, the published ports are tried on the server.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertGreen, warningsOf } from '../expect.ts'
import { openSite, ship, withoutHealthcheck } from '../site.ts'

test('a release that does not answer on its port causes a warning in the log and the summary', async () => {
  await using site = await openSite('ports', { compose: withoutHealthcheck })
  const good = await ship(site, { page: 'one' })
  assertGreen(good)
  assert.deepEqual(warningsOf(good), [])
  assert.match(
    good.log,
    /✓ push allowed {2}✓ host key {2}✓ engine \d+\.\d+, Compose \d+\.\d+ {2}✓ service web {2}✓ .* free/,
  )
  assert.match(good.log, /^🚢 web runs .* for the first time$/m)
  const run = 'CMD ["httpd", "-f", "-p", "3000", "-h", "/www"]'
  const silent = await ship(site, { page: 'two', run })
  assertGreen(silent)
  const expected = new RegExp(`\`web\` runs, but nothing answers on port ${site.port}`)
  assert.match(warningsOf(silent).join('\n'), expected)
  assert.match(silent.summary, /nothing answers on port/)
})
