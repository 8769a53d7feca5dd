import { connect } from 'node:net'

/** What those who visited a service while it was changed have met. */
export interface Visits {
  readonly made: number
  readonly failed: number
  /** Milliseconds between two answers, the longest. */
  readonly gap: number
}

/** Asks a service again and again, each time over a connection of its own. */
export interface Visitors {
  /** Until a page has come, or 15 s have passed; then they stop. */
  seen(page: string): Promise<Visits>
  /** Stops them now, and gives what they met once the last has its answer. */
  stop(): Promise<Visits>
}

/** Milliseconds from one visit to the next, for one visit, and for all of them: they end by themselves. */
const pause = 5
const patience = 2000
const limit = 90_000

/** Of the rig's own addresses. */
export function sendVisitors(host: string, port: number): Visitors {
  const began = performance.now()
  let [made, failed, gap, answered] = [0, 0, 0, began]
  let last = ''
  const under = new Set<Promise<void>>()
  const visit = async (): Promise<void> => {
    made += 1
    const page = await ask(host, port)
    if (page === undefined) {
      failed += 1
      return
    }
    const now = performance.now()
    gap = Math.max(gap, now - answered)
    answered = now
    last = page
  }
  const timer = setInterval(() => {
    if (performance.now() - began > limit) clearInterval(timer)
    else {
      const one: Promise<void> = visit().finally(() => under.delete(one))
      under.add(one)
    }
  }, pause)
  return {
    async seen(page) {
      const end = performance.now() + 15_000
      while (last !== page && performance.now() < end)
        await new Promise(resolve => setTimeout(resolve, pause))
      clearInterval(timer)
      if (last !== page) throw new Error(`${page} was not seen: ${last} is`)
      return { made, failed, gap }
    },
    async stop() {
      clearInterval(timer)
      await Promise.all(under)
      return { made, failed, gap }
    },
  }
}

/** The body of the answer; undefined when there is none. */
function ask(host: string, port: number): Promise<string | undefined> {
  return new Promise(resolve => {
    let answer = ''
    const socket = connect({ host, port, timeout: patience })
    const fail = () => {
      socket.destroy()
      resolve(undefined)
    }
    socket.on('error', fail).on('timeout', fail)
    socket.on('data', chunk => {
      answer += chunk
    })
    socket.on('end', () => {
      socket.destroy()
      const [head = '', body] = answer.split('\r\n\r\n')
      resolve(/^HTTP\/1\.. 200 /.test(head) ? body?.trim() : undefined)
    })
    socket.write('GET / HTTP/1.0\r\n\r\n')
  })
}
