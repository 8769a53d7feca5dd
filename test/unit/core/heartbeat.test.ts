import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { withHeartbeat } from '../../../src/core/heartbeat.ts'
import { plainLog } from '../../../src/core/log.ts'

/** A log, its lines, and a clock that the test turns. */
function stage() {
  const lines: string[] = []
  const out = { write: (text: string) => lines.push(text.trim()) } as never
  return { lines, log: withHeartbeat(plainLog(out)) }
}

const tick = (seconds: number): void => mock.timers.tick(seconds * 1000)

test('a group that says nothing is told of every 30 s, and not after its end', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  try {
    const { lines, log } = stage()
    await log.group('Build the image', async () => {
      tick(29)
      assert.deepEqual(lines, ['== Build the image'])
      tick(1)
      tick(30)
      log.foreign('#7 pushing layers')
      tick(29)
    })
    tick(100)
    assert.deepEqual(lines, [
      '== Build the image',
      'Still at: Build the image, 30 s',
      'Still at: Build the image, 60 s',
      '#7 pushing layers',
    ])
  } finally {
    mock.timers.reset()
  }
})

test('what says something keeps it quiet', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  try {
    const { lines, log } = stage()
    await log.group('Deploy', async () => {
      for (let said = 0; said < 5; said++) {
        tick(20)
        log.line(`line ${said}`)
      }
    })
    assert.equal(lines.filter(line => line.startsWith('Still')).length, 0)
  } finally {
    mock.timers.reset()
  }
})

test('a group that fails ends its timer, and fails as it did', async () => {
  const { log } = stage()
  const fault = new Error('no')
  await assert.rejects(
    log.group('Deploy', () => Promise.reject(fault)),
    fault,
  )
})
