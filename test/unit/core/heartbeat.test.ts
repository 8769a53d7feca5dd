import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { withHeartbeat } from '../../../src/core/heartbeat.ts'
import { plainLog } from '../../../src/core/log.ts'

/** Returns a log with a heartbeat, and the lines written to it. */
function loggedLines() {
  const lines: string[] = []
  const out = { write: (text: string) => lines.push(text.trim()) } as never
  return { lines, log: withHeartbeat(plainLog(out)) }
}

const tick = (seconds: number): void => mock.timers.tick(seconds * 1000)

test('a silent group is reported every 30 s until it ends', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  try {
    const { lines, log } = loggedLines()
    await log.group('Build the image', async () => {
      tick(29)
      assert.deepEqual(lines, ['== Build the image'])
      tick(1)
      tick(30)
      log.output('#7 pushing layers')
      tick(29)
    })
    tick(100)
    assert.deepEqual(lines, [
      '== Build the image',
      'Still running: Build the image, 30 s',
      'Still running: Build the image, 60 s',
      '#7 pushing layers',
    ])
  } finally {
    mock.timers.reset()
  }
})

test('a group that writes output is not reported', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  try {
    const { lines, log } = loggedLines()
    await log.group('Deploy', async () => {
      for (let number = 0; number < 5; number++) {
        tick(20)
        log.line(`line ${number}`)
      }
    })
    assert.equal(lines.filter(line => line.startsWith('Still')).length, 0)
  } finally {
    mock.timers.reset()
  }
})

test('a group that fails stops its timer and passes on the error', async () => {
  const { log } = loggedLines()
  const error = new Error('no')
  await assert.rejects(
    log.group('Deploy', () => Promise.reject(error)),
    error,
  )
})
