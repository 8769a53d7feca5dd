import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'

/** GitHub's delays from SIGINT to SIGTERM and from SIGTERM to SIGKILL, in milliseconds. */
export const grace = { interrupt: 7500, terminate: 2500 } as const

/** How a child process ended. */
export interface Ending {
  /** `null` if a signal killed it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly milliseconds: number
}

/** A script that runs under Node, in the way that GitHub's runner starts it. */
export interface Child {
  readonly pid: number
  readonly ended: Promise<Ending>
  kill(signal: NodeJS.Signals): void
  /**
   * Sends SIGINT to the process only (not to its children), then SIGTERM and SIGKILL if it does not exit. Resolves when
   * it has exited.
   */
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
  // An orphaned process may keep the pipes open. Like GitHub, wait five seconds for it.
  const timer = new AbortController()
  await Promise.race([read, delay(5000, undefined, { signal: timer.signal })])
  timer.abort()
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
  const timer = new AbortController()
  const timedOut = delay(milliseconds, false, { signal: timer.signal }).catch(() => false)
  const exited = await Promise.race([ended.then(() => true), timedOut])
  timer.abort()
  return exited
}
