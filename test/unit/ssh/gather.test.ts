import assert from 'node:assert/strict'
import { Duplex } from 'node:stream'
import { test } from 'node:test'
import { gather } from '../../../src/ssh/gather.ts'

test('what is written in one turn is sent at once, in its order, and no later', async () => {
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
  gather(socket)
  let told = 0
  for (const piece of ['length', 'content', 'tag']) socket.write(piece, () => (told += 1))
  assert.deepEqual(sent, [])
  await new Promise(process.nextTick)
  assert.deepEqual(sent, ['length+content+tag'])
  socket.write('next')
  socket.end('last')
  await new Promise(resolve => socket.on('finish', resolve))
  assert.deepEqual(sent, ['length+content+tag', 'next+last'])
  assert.equal(told, 3)
})

test('a socket with more than it takes at once says so, and when it goes on', async () => {
  const socket = new Duplex({
    read() {},
    writableHighWaterMark: 4,
    write: (_, __, done) => void setImmediate(done),
  })
  gather(socket)
  assert.equal(socket.write('12345'), false)
  await new Promise(resolve => socket.on('drain', resolve))
  assert.equal(socket.write('1'), true)
})
