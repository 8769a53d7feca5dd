import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration, short, size } from '../../../src/report/figures.ts'

test('durations', () => {
  const rows: [number, string][] = [
    [0, '0 ms'],
    [949, '949 ms'],
    [950, '0.9 s'],
    [12_345, '12.3 s'],
    [99_960, '1 min 40 s'],
    [245_000, '4 min 05 s'],
  ]
  for (const [milliseconds, expected] of rows) assert.equal(duration(milliseconds), expected)
})

test('sizes', () => {
  const rows: [number, string][] = [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1_440_000, '1.4 MB'],
    [283_000_000, '283 MB'],
    [7_200_000_000_000, '7.2 TB'],
  ]
  for (const [bytes, expected] of rows) assert.equal(size(bytes), expected)
})

test('a short digest', () => {
  assert.equal(short(`ghcr.io/a/b@sha256:${'ab'.repeat(32)}`), 'abababababab')
})
