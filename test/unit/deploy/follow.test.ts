import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { openFollower } from '../../../src/deploy/follow.ts'
import { openTeller } from '../../../src/deploy/teller.ts'

const mark = '\x1e'

/** What the server's `follow BYTE` writes of a log, in pieces of so many bytes. */
function written(log: string, from: number, piece: number, end: readonly string[]): string[] {
  const bytes = Buffer.from(log)
  let text = ''
  for (let at = from; at < bytes.length; at += piece) {
    const to = Math.min(at + piece, bytes.length)
    text += `${bytes.subarray(at, to).toString('utf8')}\n${mark}${to}\n`
  }
  return [...text.split('\n').slice(0, -1), ...end]
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
    for (const line of [`${mark}0`, `${mark}verdict`, 'kind ok']) follower.take(line)
    assert.equal(follower.verdict, undefined)
    assert.equal(follower.gone, false)
    follower.begin()
    follower.take(`${mark}gone`)
    assert.equal(follower.gone, true)
  })

  test('tells what came to no end of its line', () => {
    const told: string[] = []
    const follower = openFollower(line => told.push(line))
    for (const line of ['one', 'tw', `${mark}6`, `${mark}gone`]) follower.take(line)
    assert.deepEqual(told, ['one', 'tw'])
  })
})

test('a teller keeps the last words of the containers that failed', () => {
  const teller = openTeller(() => {})
  const log = [
    'Gate: web worker must run',
    '  The last lines of app-web-1 (exited, exit code 1):',
    '  no database',
    '  The last lines of app-worker-1 (running, exit code 0):',
    '  waiting',
    'Roll back to …',
    '  web: with the compose files that it ran with',
  ]
  for (const line of [...log, `${mark}1`, `${mark}verdict`]) teller.follower.take(line)
  assert.equal(
    teller.output(),
    log
      .slice(1, 5)
      .map(line => line.slice(2))
      .join('\n'),
  )
})
