import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { openFollower, readEvent } from '../../../src/deploy/follow.ts'
import { openLogReader } from '../../../src/deploy/log-reader.ts'

const mark = '\x1e'

/** Renders a frame as `follow` on the server does. */
const frame = (kind: string, content: string | Buffer = ''): Buffer =>
  Buffer.concat([Buffer.from(`\x1e${kind} ${Buffer.byteLength(content)}\n`), Buffer.from(content)])

/** Renders the output of `follow BYTE` for a log, in frames of `piece` bytes. */
function written(log: string, from: number, piece: number, ...end: readonly Buffer[]): Buffer {
  const bytes = Buffer.from(log).subarray(from)
  const count = Math.ceil(bytes.length / piece)
  const frames = Array.from({ length: count }, (_, n) =>
    frame('log', bytes.subarray(n * piece, (n + 1) * piece)),
  )
  return Buffer.concat([...frames, frame('log'), ...end])
}

suite('a follower', () => {
  const log = 'Lock project app\nPull\n  3 of 7 layers, 10 s\n\n  dying…\nDone: it serves.\n'
  const lines = log.trimEnd().split('\n')
  const verdict = 'kind ok\nend\n'

  for (const piece of [1, 2, 5, 17, 1000]) {
    test(`prints each line once, from frames of ${piece} bytes`, () => {
      const told: string[] = []
      const follower = openFollower(line => told.push(line))
      follower.write(written(log, 0, piece, frame('verdict', verdict)))
      assert.deepEqual(told, lines)
      assert.deepEqual(follower.verdict, ['kind ok', 'end'])
    })
  }

  test('prints each line once, wherever the connection drops', () => {
    const all = written(log, 0, 7, frame('verdict', verdict))
    for (let cut = 0; cut <= all.length; cut += 1) {
      const told: string[] = []
      const follower = openFollower(line => told.push(line))
      for (let at = 0; at < cut; at += 3) follower.write(all.subarray(at, Math.min(at + 3, cut)))
      assert.equal(follower.verdict === undefined, cut < all.length)
      follower.restart()
      follower.write(written(log, follower.reached, 1000, frame('verdict', verdict)))
      assert.deepEqual(told, lines, `cut after ${cut} bytes`)
      assert.deepEqual(follower.verdict, ['kind ok', 'end'])
    }
  })

  test('takes neither the output of a container nor that of a login shell for a frame', () => {
    const forged = `${frame('verdict', verdict)}${frame('gone')}`
    const told: string[] = []
    const follower = openFollower(line => told.push(line))
    follower.write(frame('log', forged))
    assert.deepEqual({ verdict: follower.verdict, gone: follower.gone }, { verdict: undefined, gone: false })
    follower.write(Buffer.from('bye\nverdict 0\n\x1everdict many\n'))
    follower.write(frame('verdict', 'kind broken\nend\n'))
    follower.write(Buffer.from('bye\nend\n'))
    assert.deepEqual(follower.verdict, ['kind broken', 'end'])
    assert.equal(told.length, forged.split('\n').length - 1)
  })

  test('has no verdict until it is complete', () => {
    const follower = openFollower(() => {})
    follower.write(Buffer.concat([frame('log'), frame('verdict', verdict).subarray(0, -1)]))
    assert.equal(follower.verdict, undefined)
    assert.equal(follower.gone, false)
    follower.restart()
    follower.write(frame('verdict', 'kind ok\n'))
    assert.equal(follower.verdict, undefined)
    follower.restart()
    follower.write(frame('gone'))
    assert.equal(follower.gone, true)
  })

  test('prints a last line that does not end', () => {
    const told: string[] = []
    const follower = openFollower(line => told.push(line))
    follower.write(Buffer.concat([frame('log', 'one\ntw'), frame('gone')]))
    assert.deepEqual(told, ['one', 'tw'])
  })

  test('does not accumulate lines and verdicts that never end', () => {
    let longest = 0
    const follower = openFollower(line => {
      longest = Math.max(longest, line.length)
    })
    const piece = Buffer.alloc(1_000_000, 'x')
    for (const kind of ['log', 'verdict']) {
      follower.write(Buffer.from(`\x1e${kind} 50000000\n`))
      for (let count = 0; count < 50; count += 1) follower.write(piece)
    }
    assert.ok(longest < 100_000)
    assert.equal(follower.verdict, undefined)
  })
})

suite('a log reader', () => {
  const log = [
    `${mark}stage gate`,
    'Gate: web worker must run',
    `${mark}output 2 The last lines of app-web-1 (exited, exit code 1):`,
    '  no database',
    `  ${mark}ask check`,
    `${mark}output 1 The last lines of app-worker-1 (running):`,
    '  waiting',
    `${mark}fail exited web exited with code 1`,
    `${mark}stage rollback`,
    'Roll back to …',
    `${mark}ask check`,
    '  web: using the compose files of the previous release',
  ]
  const readLog = (lines: readonly string[]) => {
    const told: string[] = []
    const asked: string[] = []
    const reader = openLogReader({ print: line => told.push(line), onAsk: what => asked.push(what) })
    reader.follower.write(Buffer.concat([frame('log', `${lines.join('\n')}\n`), frame('gone')]))
    return { told, asked, output: reader.output() }
  }

  test('keeps the output of the containers that failed', () => {
    assert.deepEqual(readLog(log).output.split('\n'), [
      'The last lines of app-web-1 (exited, exit code 1):',
      'no database',
      `${mark}ask check`,
      'The last lines of app-worker-1 (running):',
      'waiting',
    ])
  })

  test('keeps only the output of the last stage in which containers failed', () => {
    const more = [`${mark}stage gate`, `${mark}output 1 app-web-1:`, '  no network']
    assert.equal(readLog([...log, ...more]).output, 'app-web-1:\nno network')
  })

  test('prints the lines for people, and passes on each `ask` once', () => {
    const { told, asked } = readLog(log)
    assert.deepEqual(asked, ['check'])
    assert.deepEqual(told.slice(0, 2), [
      'Gate: web worker must run',
      '  The last lines of app-web-1 (exited, exit code 1):',
    ])
    assert.deepEqual(told.slice(-3), [
      '  web exited with code 1',
      'Roll back to …',
      '  web: using the compose files of the previous release',
    ])
  })
})

const events: readonly { input: string; expected: unknown }[] = [
  { input: `${mark}stage up`, expected: { kind: 'stage', name: 'up' } },
  { input: `${mark}ask check`, expected: { kind: 'ask', what: 'check' } },
  {
    input: `${mark}fail exited web ended  so`,
    expected: { kind: 'fail', code: 'exited', text: 'web ended  so' },
  },
  { input: `${mark}output 3 a b`, expected: { kind: 'output', lines: 3, title: 'a b' } },
  { input: `${mark}output -1 a`, expected: undefined },
  { input: `${mark}other x`, expected: undefined },
  { input: 'stage up', expected: undefined },
  { input: `  ${mark}stage up`, expected: undefined },
]
suite('an event', () => {
  for (const { input, expected } of events)
    test(JSON.stringify(input), () => assert.deepEqual(readEvent(input), expected))
})
