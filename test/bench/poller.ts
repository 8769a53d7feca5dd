import { connect } from 'node:net'

/** What a visitor met. */
export interface Outage {
  /** Connections that were refused, cut off, or not answered. */
  readonly failed: number
  readonly asked: number
  /** The longest time from one answer to the next, in milliseconds. */
  readonly gap: number
}

export interface Poller {
  /** Milliseconds from now until the page is this one. */
  seen(page: string): Promise<number>
  stop(): Promise<Outage>
}

/** Opens a connection every 5 ms and asks for the page, whether or not those before are answered. */
export function poll(host: string, port: number): Poller {
  const watched = new Map<string, (at: number) => void>()
  const open = new Set<Promise<void>>()
  const asked = { all: 0, failed: 0, last: performance.now(), gap: 0 }
  const ask = async () => {
    asked.all++
    const page = await get(host, port)
    if (page === undefined) {
      asked.failed++
      return
    }
    const now = performance.now()
    asked.gap = Math.max(asked.gap, now - asked.last)
    asked.last = now
    watched.get(page)?.(now)
  }
  const timer = setInterval(() => {
    const asking = ask().finally(() => open.delete(asking))
    open.add(asking)
  }, 5)
  return {
    seen(page) {
      const began = performance.now()
      const { promise, resolve } = Promise.withResolvers<number>()
      watched.set(page, at => resolve(at - began))
      return promise
    },
    async stop() {
      clearInterval(timer)
      await Promise.all(open)
      return { failed: asked.failed, asked: asked.all, gap: asked.gap }
    },
  }
}

/** The body of the answer; undefined when there was none. */
function get(host: string, port: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  let answer = ''
  const socket = connect({ host, port, timeout: 3000 })
  socket.setEncoding('utf8')
  socket.on('connect', () => socket.write('GET / HTTP/1.0\r\n\r\n'))
  socket.on('data', text => {
    answer += text
  })
  socket.on('timeout', () => socket.destroy())
  socket.on('error', () => undefined)
  socket.on('close', () => {
    const [head = '', body] = answer.split('\r\n\r\n')
    resolve(head.includes(' 200 ') ? body?.trim() : undefined)
  })
  return promise
}
