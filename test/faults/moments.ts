import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Lane, project } from './lane.ts'
import { first, isLossless, large } from './project.ts'

/** The stages of the transaction, by the names that it records. */
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

/** A point in a deploy: the beginning of a stage, or a time before or after the stages. */
export type Event = 'checks' | 'transfer' | 'start' | (typeof stages)[number] | 'renames' | 'verdict'

/** Reports whether an event happens in the deploys of a lane. */
export function happens(event: Event, { options }: Pick<Lane, 'options'>): boolean {
  const { around, large, relay, startFirst } = options
  if (event === 'transfer') return large === true
  if (event === 'drain') return isLossless(options)
  if (['rehearse', 'divert', 'direct'].includes(event)) return relay === true
  if (event.startsWith('beside')) return startFirst === true
  // In these strategies a release that fails has not changed anything, so nothing is rolled back.
  if (event === 'rollback') return !isLossless(options)
  return around !== undefined || !['dependencies', 'before', 'after', 'front'].includes(event)
}

/**
 * Returns the IDs of the runs that have a directory on a lane's server. A directory that is being removed is renamed
 * first: some of its files are already gone, so a run that has ended would look unfinished.
 */
export function runsOf(lane: Lane): string[] {
  try {
    return readdirSync(lane.hostPath(`${lane.state}/runs`))
      .filter(name => !name.endsWith('.gone'))
      .sort()
  } catch {
    return []
  }
}

/**
 * Waits for an event of the next run on a server, by polling its files every two milliseconds. Returns false if the run
 * ended, or `over` became true, before the event.
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
      const directory = lane.hostPath(`${lane.state}/runs/${run}`)
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
    if (event === 'transfer') return isUploading(directory)
    return new RegExp(` ${event}$`, 'm').test(readFileSync(`${directory}/stages`, 'utf8'))
  } catch {
    return false
  }
}

/**
 * Reports whether the large file is being uploaded: before the run begins, files are in a temporary directory next to
 * it.
 */
const isUploading = (directory: string): boolean =>
  readdirSync(directory).some(
    name => /^payload\.\d+$/.test(name) && existsSync(`${directory}/${name}/${large}`),
  )

/** Reports whether the first uploaded file is in place: the recorded previous file is a different one. */
function isRenaming({ state, directory, hostPath }: Lane): boolean {
  const inode = (file: string): number | undefined => statSync(hostPath(file), { throwIfNoEntry: false })?.ino
  const old = inode(`${state}/record/old/${first}`)
  return old !== undefined && old !== inode(`${directory}/${first}`)
}

/** A process of a lane's server, with the ID that it has on this machine. */
export interface Process {
  readonly pid: number
  readonly parent: number
  readonly args: readonly string[]
}

/**
 * Returns the processes that work for the project on its server: runs, and commands that they started, even orphaned.
 */
export function busy({ server, state, registry }: Lane): Process[] {
  const ours = (arg: string): boolean =>
    arg === project || arg.startsWith(state) || arg.includes(`:${registry.port}/`)
  return processesOf(server.machine.first.pid).filter(({ args }) => args.some(ours))
}

/** Returns the processes of the transaction scripts and of the settler, without their children. */
export function scripts(lane: Lane): Process[] {
  const found = busy(lane).filter(
    ({ args }) =>
      (args.at(-1) === 'run' && args.at(-2)?.endsWith('/script')) ||
      (args[1]?.endsWith('/settler') && args[2] === 'settle'),
  )
  return found.filter(({ parent }) => !found.some(({ pid }) => pid === parent))
}

/** Returns all processes of a machine: those in the PID namespace of its init process. */
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
