import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Lane, project } from './lane.ts'
import { first, isLossless, large } from './project.ts'

/** The transaction's own stages, as it writes them down. */
export const stages = [
  'lock',
  'settle',
  'check',
  'record',
  'pull',
  'pin',
  'bring',
  'dependencies',
  'before',
  'rehearse',
  'beside',
  'beside-proxy',
  'beside-withdraw',
  'divert',
  'drain',
  'up',
  'gate',
  'verify',
  'after',
  'front',
  'direct',
  'keep',
  'rollback',
] as const

/** Something that happens in a deploy: a stage begins, or the time before and after them. */
export type Event = 'checks' | 'transfer' | 'start' | (typeof stages)[number] | 'renames' | 'verdict'

/** Whether it happens on a lane at all. */
export function happens(event: Event, { options }: Pick<Lane, 'options'>): boolean {
  const { around, large, relay, startFirst } = options
  if (event === 'transfer') return large === true
  if (event === 'drain') return isLossless(options)
  if (['rehearse', 'divert', 'direct'].includes(event)) return relay === true
  if (event.startsWith('beside')) return startFirst === true
  // What fails has touched nothing.
  if (event === 'rollback') return !isLossless(options)
  return around !== undefined || !['dependencies', 'before', 'after', 'front'].includes(event)
}

/** The directories of the runs that a lane's server knows, by their IDs. */
export function runsOf(lane: Lane): string[] {
  try {
    return readdirSync(lane.seen(`${lane.state}/runs`)).sort()
  } catch {
    return []
  }
}

/**
 * Waits for an event of the next run on a server, looking at its files every other millisecond. False: the run, or
 * what it was waited for with, ended before.
 */
export async function reached(
  lane: Lane,
  event: Exclude<Event, 'checks'>,
  before: readonly string[],
  over: () => boolean,
): Promise<boolean> {
  let run: string | undefined
  while (!over()) {
    run ??= runsOf(lane).find(id => !before.includes(id))
    if (run !== undefined) {
      const directory = lane.seen(`${lane.state}/runs/${run}`)
      if (event === 'start' || (event === 'renames' ? isRenaming(lane) : hasBegun(directory, event)))
        return true
      if (existsSync(`${directory}/verdict`) || !existsSync(directory)) return event === 'verdict'
    }
    await sleep(2)
  }
  return false
}

function hasBegun(directory: string, event: Event): boolean {
  try {
    if (event === 'verdict') return existsSync(`${directory}/verdict`)
    if (event === 'transfer') return isBeingBrought(directory)
    return new RegExp(` ${event}$`, 'm').test(readFileSync(`${directory}/stages`, 'utf8'))
  } catch {
    return false
  }
}

/** The large file is on its way: what is brought comes beside the run, under a passing name, before the run begins. */
const isBeingBrought = (directory: string): boolean =>
  readdirSync(directory).some(
    name => /^payload\.\d+$/.test(name) && existsSync(`${directory}/${name}/${large}`),
  )

/** The first of the files that are brought is in place: what it replaces is recorded, and is another file. */
function isRenaming({ state, directory, seen }: Lane): boolean {
  const inode = (file: string): number | undefined => statSync(seen(file), { throwIfNoEntry: false })?.ino
  const old = inode(`${state}/record/old/${first}`)
  return old !== undefined && old !== inode(`${directory}/${first}`)
}

/** A process of a lane's server, by the number that it has here. */
export interface Process {
  readonly pid: number
  readonly parent: number
  readonly args: readonly string[]
}

/** What works for the project on its server: runs, and what they started, theirs or orphaned. */
export function busy({ server, state, registry }: Lane): Process[] {
  const ours = (arg: string): boolean =>
    arg === project || arg.startsWith(state) || arg.includes(`:${registry.port}/`)
  return processesOf(server.machine.first.pid).filter(({ args }) => args.some(ours))
}

/** The processes of the transactions themselves and of what settles for them, without their children. */
export function scripts(lane: Lane): Process[] {
  const found = busy(lane).filter(
    ({ args }) =>
      (args.at(-1) === 'run' && args.at(-2)?.endsWith('/script')) ||
      (args[1]?.endsWith('/settler') && args[2] === 'settle'),
  )
  return found.filter(({ parent }) => !found.some(({ pid }) => pid === parent))
}

/** All of a machine's: those in the PID namespace of its first one. */
function processesOf(first: number): Process[] {
  const namespace = namespaceOf(String(first))
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && namespaceOf(name) === namespace)
    .flatMap(name => {
      try {
        const args = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').slice(0, -1)
        const parent = Number(/^PPid:\t(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1])
        return [{ pid: Number(name), parent, args }]
      } catch {
        return []
      }
    })
}

function namespaceOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch {
    return undefined
  }
}
