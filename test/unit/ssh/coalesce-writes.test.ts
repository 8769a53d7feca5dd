import assert from 'node:assert/strict'
import { Duplex } from 'node:stream'
import { test } from 'node:test'
import { coalesceWrites } from '../../../src/ssh/coalesce-writes.ts'

test('the writes of one tick are sent together, in order, at the end of the tick', async () => {
  const sent: string[] = []
  const socket = new Duplex({
    read() {},
    write(piece, _, done) {
      sent.push(String(piece))
      done()
    },
    writev(pieces, done) {
      sent.push(pieces.map(({ chunk }) => String(chunk)).join('+'))
      done()
    },
  })
  coalesceWrites(socket)
  let callbacks = 0
  for (const piece of ['length', 'content', 'tag']) socket.write(piece, () => (callbacks += 1))
  assert.deepEqual(sent, [])
  await new Promise(process.nextTick)
  assert.deepEqual(sent, ['length+content+tag'])
  socket.write('next')
  socket.end('last')
  await new Promise(resolve => socket.on('finish', resolve))
  assert.deepEqual(sent, ['length+content+tag', 'next+last'])
  assert.equal(callbacks, 3)
})

test('write() still returns false above the high-water mark, and `drain` is emitted', async () => {
  const socket = new Duplex({
    read() {},
    writableHighWaterMark: 4,
    write: (_, __, done) => void setImmediate(done),
  })
  coalesceWrites(socket)
  assert.equal(socket.write('12345'), false)
  await new Promise(resolve => socket.on('drain', resolve))
  assert.equal(socket.write('1'), true)
})
