import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { openFollower, readEvent } from '../../../src/deploy/follow.ts'
import { openTeller } from '../../../src/deploy/teller.ts'

const mark = '\x1e'

/** What the server's `follow BYTE` writes of a log, in pieces of so many bytes. */
function written(log: string, from: number, size: number, end: readonly string[]): string[] {
  const bytes = Buffer.from(log)
  const lines: string[] = []
  for (let at = from; at < bytes.length; at += size) {
    const to = Math.min(at + size, bytes.length)
    const piece = bytes.subarray(at, to).toString('utf8').split('\n')
    lines.push(`${mark}${to} ${piece.length}`, ...piece)
  }
  return [...lines, ...end]
}

suite('a follower', () => {
  const log = 'Lock project app\nPull\n  3 of 7 layers, 10 s\n\n  dying…\nDone: it serves.\n'
  const lines = log.trimEnd().split('\n')
  const verdict = ['kind ok', 'end']

  for (const piece of [1, 2, 5, 17, 1000]) {
    test(`tells each line once, from pieces of ${piece} bytes`, () => {
      const told: string[] = []
      // An é cut in two is not the point here: what is told is made of whole characters in the end.
      const follower = openFollower(line => told.push(line))
      const ascii = log.replaceAll('…', '...')
      for (const line of written(ascii, 0, piece, [`${mark}verdict`, ...verdict])) follower.take(line)
      assert.deepEqual(told, ascii.trimEnd().split('\n'))
      assert.deepEqual(follower.verdict, verdict)
    })
  }

  test('tells each line once, wherever the connection drops', () => {
    const all = written(log, 0, 7, [])
    for (let cut = 0; cut <= all.length; cut += 1) {
      const told: string[] = []
      const follower = openFollower(line => told.push(line))
      for (const line of all.slice(0, cut)) follower.take(line)
      follower.begin()
      const rest = written(log, follower.reached, 1000, [`${mark}verdict`, ...verdict])
      for (const line of rest) follower.take(line)
      assert.deepEqual(told, lines, `cut after ${cut} lines`)
    }
  })

  test('has no verdict until it is whole', () => {
    const follower = openFollower(() => {})
    for (const line of [`${mark}0 1`, '', `${mark}verdict`, 'kind ok']) follower.take(line)
    assert.equal(follower.verdict, undefined)
    assert.equal(follower.gone, false)
    follower.begin()
    follower.take(`${mark}gone`)
    assert.equal(follower.gone, true)
  })

  test('tells what came to no end of its line', () => {
    const told: string[] = []
    const follower = openFollower(line => told.push(line))
    for (const line of [`${mark}6 2`, 'one', 'tw', `${mark}gone`]) follower.take(line)
    assert.deepEqual(told, ['one', 'tw'])
  })

  test('takes nothing in a piece for its end, and no stranger for a piece', () => {
    const told: string[] = []
    const follower = openFollower(line => told.push(line))
    const piece = ['one', `${mark}verdict`, 'kind ok', 'end', `${mark}gone`, '']
    for (const line of ['Welcome!', `${mark}40 ${piece.length}`, ...piece, 'bye']) follower.take(line)
    assert.deepEqual(told, piece.slice(0, -1))
    assert.deepEqual([follower.verdict, follower.gone, follower.reached], [undefined, false, 40])
  })
})

suite('a teller', () => {
  const log = [
    `${mark}stage gate`,
    'Gate: web worker must run',
    `${mark}output 2 The last lines of app-web-1 (exited, exit code 1):`,
    '  no database',
    `  ${mark}ask check`,
    `${mark}output 1 The last lines of app-worker-1 (running):`,
    '  waiting',
    `${mark}fail exited web ended with exit code 1`,
    `${mark}stage rollback`,
    'Roll back to …',
    `${mark}ask check`,
    '  web: with the compose files that it ran with',
  ]
  const heard = (lines: readonly string[]) => {
    const told: string[] = []
    const asked: string[] = []
    const teller = openTeller({ tell: line => told.push(line), ask: what => asked.push(what) })
    const piece = [...lines, '']
    for (const line of [`${mark}9 ${piece.length}`, ...piece, `${mark}verdict`]) teller.follower.take(line)
    return { told, asked, output: teller.output() }
  }

  test('keeps what the containers said that failed', () => {
    assert.deepEqual(heard(log).output.split('\n'), [
      'The last lines of app-web-1 (exited, exit code 1):',
      'no database',
      `${mark}ask check`,
      'The last lines of app-worker-1 (running):',
      'waiting',
    ])
  })

  test('keeps what the last stage said in which some failed', () => {
    const more = [`${mark}stage gate`, `${mark}output 1 app-web-1:`, '  no network']
    assert.equal(heard([...log, ...more]).output, 'app-web-1:\nno network')
  })

  test('tells people what they read, and is asked once for what is asked', () => {
    const { told, asked } = heard(log)
    assert.deepEqual(asked, ['check'])
    assert.deepEqual(told.slice(0, 2), [
      'Gate: web worker must run',
      '  The last lines of app-web-1 (exited, exit code 1):',
    ])
    assert.deepEqual(told.slice(-3), [
      '  web ended with exit code 1',
      'Roll back to …',
      '  web: with the compose files that it ran with',
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
