/** Pushes to a registry with temporary faults. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { describe, test } from 'node:test'
import { rig } from '../../rig/rig.ts'
import { assertGreen, warningsOf } from '../expect.ts'
import { type Fault, faultyProxy, reset, silence, status } from '../faulty-proxy.ts'
import { noServer, openSite, ship } from '../site.ts'

const manifests = ({ method, url = '' }: IncomingMessage) => method === 'PUT' && url.includes('/manifests/')
const uploads = ({ method, url = '' }: IncomingMessage) => method === 'PUT' && url.includes('/blobs/uploads/')

interface Case {
  readonly name: string
  readonly fault: Fault
  readonly on: typeof manifests
  readonly says: RegExp
  readonly env?: Readonly<Record<string, string>>
}

const impatient = { SLIPWAY_STALLED_AFTER: '4000' }
const broken = /connection reset|EOF|broken pipe|closed network/

const cases: readonly Case[] = [
  {
    name: '503 for a manifest',
    fault: status(503),
    on: manifests,
    says: /503 Service Unavailable/,
  },
  { name: '429 for a manifest', fault: status(429), on: manifests, says: /429 Too Many Requests/ },
  { name: '500 for a layer', fault: status(500), on: uploads, says: /500 Internal Server Error/ },
  { name: 'a reset for a manifest', fault: reset, on: manifests, says: broken },
  { name: 'a stall for a manifest', fault: silence, on: manifests, says: /no progress/, env: impatient },
  // The part of the layer that was already sent is lost with the connection.
  { name: 'a stall for a layer', fault: silence, on: uploads, says: /no progress/, env: impatient },
]

describe('a push that fails temporarily', { concurrency: true }, () => {
  for (const { name, fault, on, says, env } of cases)
    test(`${name}: the push is retried, without building again`, async () => {
      // Longer than the 7 seconds for which BuildKit itself retries a request.
      const all = await rig()
      await using proxy = await faultyProxy(all, { fault, on, seconds: 9 })
      await using site = await openSite('faults')
      const run = await ship(site, source(), {
        env: { ...all.runner.env, ...env },
        with: { ...buildOnly, image: site.image.replace(/^[^/]+/, proxy.host) },
      })
      assertGreen(run)
      assert.ok(proxy.faults() > 0)
      assert.match(warningsOf(run).join('\n'), says)
      assert.match(run.log, /Trying again in/)
      assert.equal(run.log.match(/^#.* built-[0-9a-f]+/gm)?.length, 1, 'the step ran once')
    })
})

/** Returns a source with a unique page, so that the build step is not cached. */
const source = () => ({ page: randomUUID(), run: 'RUN echo "built-$(cat /www/index.html)"\nCMD ["true"]' })

const buildOnly = { ...noServer, platforms: 'linux/amd64' }
