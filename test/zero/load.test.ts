import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { program } from './app.ts'
import { begin, lostOf, outside, totalOf } from './load.ts'

// A proxy that has just started knows no server yet: its first responses say nothing about a deploy.

test('the load begins when the service responds, and counts every later error', async () => {
  let status = 502
  const server = createServer((_, response) => response.writeHead(status).end('one')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const beginning = begin([outside(program, address)])
    await sleep(300)
    status = 200
    const load = await beginning
    await sleep(300)
    const first = await load.end()
    assert.ok(totalOf(first) > 0)
    assert.equal(lostOf(first), 0)

    const second = await begin([outside(program, address)])
    status = 502
    await sleep(300)
    assert.ok(lostOf(await second.end()) > 0)
  } finally {
    server.close()
  }
})
