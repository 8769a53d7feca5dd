import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'

/** GitHub's times between SIGINT and SIGTERM, and between SIGTERM and SIGKILL, in milliseconds. */
export const grace = { interrupt: 7500, terminate: 2500 } as const

/** How a child ended. */
export interface Ending {
  /** `null`: a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly milliseconds: number
}

/** A script that runs under Node as GitHub's runner runs it. */
export interface Child {
  readonly pid: number
  readonly ended: Promise<Ending>
  kill(signal: NodeJS.Signals): void
  /** SIGINT to the process alone, SIGTERM and SIGKILL when it does not go. Resolves when it is gone. */
  cancel(): Promise<void>
}

export interface ChildOptions {
  readonly node: string
  readonly script: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly onLine: (line: string, stream: 'stdout' | 'stderr') => void
}

export function startChild({ node, script, cwd, env, onLine }: ChildOptions): Child {
  const began = performance.now()
  const child = spawn(node, [script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const read = Promise.all(
    (['stdout', 'stderr'] as const).map(async stream => {
      for await (const line of createInterface({ input: child[stream], crlfDelay: Infinity }))
        onLine(line, stream)
    }),
  )
  const ended = endOf(child, read, began)
  const kill = (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
  }
  let cancelled: Promise<void> | undefined
  return {
    pid: child.pid ?? -1,
    ended,
    kill,
    cancel() {
      cancelled ??= cancel(kill, ended)
      return cancelled
    },
  }
}

async function endOf(child: ChildProcess, read: Promise<unknown>, began: number): Promise<Ending> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  const milliseconds = performance.now() - began
  // A process that the action left behind may hold the pipes: as GitHub does, give it five seconds.
  const enough = new AbortController()
  await Promise.race([read, delay(5000, undefined, { signal: enough.signal })])
  enough.abort()
  child.stdout?.destroy()
  child.stderr?.destroy()
  return { code, signal, milliseconds }
}

async function cancel(kill: Child['kill'], ended: Promise<Ending>): Promise<void> {
  const steps = [
    ['SIGINT', grace.interrupt],
    ['SIGTERM', grace.terminate],
  ] as const
  for (const [signal, wait] of steps) {
    kill(signal)
    if (await within(wait, ended)) return
  }
  kill('SIGKILL')
  await ended
}

async function within(milliseconds: number, ended: Promise<unknown>): Promise<boolean> {
  const over = new AbortController()
  const late = delay(milliseconds, false, { signal: over.signal }).catch(() => false)
  const gone = await Promise.race([ended.then(() => true), late])
  over.abort()
  return gone
}
