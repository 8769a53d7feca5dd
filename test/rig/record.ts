import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from './place.ts'
import { until } from './until.ts'
import { writeAtomically } from './write-atomically.ts'

/**
 * A process, identified by its ID and its start time (in ticks since boot), which distinguishes it from a later process
 * with the same ID.
 */
export interface TrackedProcess {
  readonly pid: number
  readonly started: string
}

const startedAt = (pid: number): string | undefined => {
  try {
    // The name in parentheses may contain spaces and parentheses: count the fields after its end. The first is the
    // state.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\)\s+/s, '')
      .split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

export function track(pid: number): TrackedProcess {
  const started = startedAt(pid)
  if (started === undefined) throw new Error(`process ${pid} exited right after it was started`)
  return { pid, started }
}

export const alive = (process: TrackedProcess): boolean => startedAt(process.pid) === process.started

/** Kills a process with SIGKILL and waits until it has exited. Does nothing if it has exited already. */
export async function end(process: TrackedProcess): Promise<void> {
  try {
    if (alive(process)) globalThis.process.kill(process.pid, 'SIGKILL')
  } catch {
    // It has exited in the meantime.
  }
  await until(
    () => !alive(process) || undefined,
    () => `process ${process.pid} does not exit`,
  )
}

const fileOf = (at: Place, part: string): string => join(at.run, 'parts', `${part}.json`)

/** Returns the record of a part of the rig, or undefined if that part was not started. */
export function read<T>(at: Place, part: string): T | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(at, part), 'utf8')) as T
  } catch {
    return undefined
  }
}

export function write(at: Place, part: string, value: unknown): void {
  mkdirSync(join(at.run, 'parts'), { recursive: true })
  const file = fileOf(at, part)
  writeAtomically(file, `${JSON.stringify(value, undefined, 2)}\n`)
}

export const forget = (at: Place, part: string): void => rmSync(fileOf(at, part), { force: true })

/** Returns the names of all parts of the rig that were started. */
export function parts(at: Place): string[] {
  try {
    return readdirSync(join(at.run, 'parts')).flatMap(name => /^(.+)\.json$/.exec(name)?.[1] ?? [])
  } catch {
    return []
  }
}

/**
 * Runs `work` while holding the lock `name`; other processes wait for it. A child process holds the lock on an open
 * file and exits with us, so the lock is released however we end.
 */
export const locked = <T>(at: Place, name: string, work: () => Promise<T>): Promise<T> =>
  lockedIn(join(at.directory, 'locks'), name, work)

/** Like `locked`, for the cache, which several rigs may share. */
export const lockedCache = <T>(at: Place, name: string, work: () => Promise<T>): Promise<T> =>
  lockedIn(join(at.cache, 'locks'), name, work)

async function lockedIn<T>(directory: string, name: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(directory, { recursive: true })
  const holder = spawn('flock', [join(directory, name), 'sh', '-c', 'echo; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  try {
    await Promise.race([
      once(holder.stdout, 'data'),
      once(holder, 'exit').then(([code]) => Promise.reject(new Error(`flock ended with ${code}`))),
    ])
    return await work()
  } finally {
    const ended = holder.exitCode ?? once(holder, 'exit')
    holder.stdin.end()
    await ended
  }
}

/**
 * Returns a part of the rig: what `find` finds, otherwise what `start` starts. If several processes need the part at
 * the same time, only one of them starts it.
 */
export async function ensure<T>(
  at: Place,
  part: string,
  find: () => T | undefined | Promise<T | undefined>,
  start: () => Promise<T>,
): Promise<T> {
  return (await find()) ?? (await locked(at, part, async () => (await find()) ?? (await start())))
}
