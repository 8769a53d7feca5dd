import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from './place.ts'
import { until } from './until.ts'
import { writeWhole } from './whole.ts'

/** A process, told from a later one with the same number by when it started (in ticks since the boot). */
export interface Living {
  readonly pid: number
  readonly started: string
}

const startedAt = (pid: number): string | undefined => {
  try {
    // The name in brackets may hold blanks and brackets: count the fields behind its end. Field 3 is the state.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\)\s+/s, '')
      .split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

export function living(pid: number): Living {
  const started = startedAt(pid)
  if (started === undefined) throw new Error(`process ${pid} ended as soon as it was started`)
  return { pid, started }
}

export const alive = (process: Living): boolean => startedAt(process.pid) === process.started

/** Ends a process by SIGKILL, and waits until it is gone; one that is not there any more is no error. */
export async function end(process: Living): Promise<void> {
  if (alive(process)) globalThis.process.kill(process.pid, 'SIGKILL')
  await until(
    () => !alive(process) || undefined,
    () => `process ${process.pid} does not end`,
  )
}

const fileOf = (at: Place, part: string): string => join(at.run, 'parts', `${part}.json`)

/** What is written down of a part of the rig that was brought up; nothing when it was not. */
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
  writeWhole(file, `${JSON.stringify(value, undefined, 2)}\n`)
}

export const forget = (at: Place, part: string): void => rmSync(fileOf(at, part), { force: true })

/** The names of all parts that were brought up. */
export function parts(at: Place): string[] {
  try {
    return readdirSync(join(at.run, 'parts')).flatMap(name => /^(.+)\.json$/.exec(name)?.[1] ?? [])
  } catch {
    return []
  }
}

/**
 * Does something while holding a lock by that name; another process that wants it waits. The lock is an open file
 * of a child of ours, so it is gone with us, however we end.
 */
export const locked = <T>(at: Place, name: string, work: () => Promise<T>): Promise<T> =>
  lockedIn(join(at.directory, 'locks'), name, work)

/** The same for what is in the cache, which several rigs may share. */
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
 * A part of the rig as it stands, or brought up when it is not there: at once when it is up, and by one process
 * alone when several ask.
 */
export async function ensure<T>(
  at: Place,
  part: string,
  standing: () => T | undefined | Promise<T | undefined>,
  bringUp: () => Promise<T>,
): Promise<T> {
  return (await standing()) ?? (await locked(at, part, async () => (await standing()) ?? (await bringUp())))
}
