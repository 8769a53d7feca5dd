import { connect } from 'node:net'

/** The results of the requests to a service during a deploy. */
export interface LoadResult {
  readonly sent: number
  readonly failed: number
  /** The longest time between two responses, in milliseconds. */
  readonly gap: number
}

/** Periodic requests to a service, each on a new connection. */
export interface Load {
  /** Stops when a page is served. Throws if that takes more than 15 s. */
  untilServed(page: string): Promise<LoadResult>
  /** Stops now, and waits for the pending responses. */
  stop(): Promise<LoadResult>
}

/** Milliseconds between two requests. */
const pause = 5
/** Milliseconds until a request times out. */
const requestTimeout = 2000
/** Milliseconds after which the load stops on its own. */
const limit = 90_000

/** Starts to send requests to an address of the rig. */
export function startLoad(host: string, port: number): Load {
  const began = performance.now()
  let [sent, failed, gap, answered] = [0, 0, 0, began]
  let last = ''
  const pending = new Set<Promise<void>>()
  const send = async (): Promise<void> => {
    sent += 1
    const page = await get(host, port)
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
      const one: Promise<void> = send().finally(() => pending.delete(one))
      pending.add(one)
    }
  }, pause)
  return {
    async untilServed(page) {
      const end = performance.now() + 15_000
      while (last !== page && performance.now() < end)
        await new Promise(resolve => setTimeout(resolve, pause))
      clearInterval(timer)
      if (last !== page) throw new Error(`${last} is served instead of ${page}`)
      return { sent, failed, gap }
    },
    async stop() {
      clearInterval(timer)
      await Promise.all(pending)
      return { sent, failed, gap }
    },
  }
}

/** Sends a request. Returns the body of the response, or undefined if it fails. */
function get(host: string, port: number): Promise<string | undefined> {
  return new Promise(resolve => {
    let answer = ''
    const socket = connect({ host, port, timeout: requestTimeout })
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
