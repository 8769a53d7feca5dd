import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retryAfter } from '../../../src/registry/retry-after.ts'

const now = Date.parse('2026-11-29T12:00:00Z')

const table: readonly { header: string | undefined; milliseconds: number }[] = [
  { header: undefined, milliseconds: 0 },
  { header: '', milliseconds: 0 },
  { header: '0', milliseconds: 0 },
  { header: '7', milliseconds: 7000 },
  { header: '3600', milliseconds: 30_000 },
  { header: '9'.repeat(400), milliseconds: 30_000 },
  { header: '-5', milliseconds: 0 },
  { header: 'soon', milliseconds: 0 },
  { header: 'Sun, 29 Nov 2026 12:00:09 GMT', milliseconds: 9000 },
  { header: 'Sun, 29 Nov 2026 11:59:00 GMT', milliseconds: 0 },
  { header: 'Mon, 30 Nov 2026 12:00:00 GMT', milliseconds: 30_000 },
]

for (const { header, milliseconds } of table) {
  test(`Retry-After: ${header?.slice(0, 40) ?? 'missing'}`, () => {
    assert.equal(retryAfter(header, now), milliseconds)
  })
}
