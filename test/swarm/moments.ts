import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Ground } from './field.ts'

/** The stages of a transaction on a swarm in which something can befall it. */
export const stages = [
  'lock',
  'choose',
  'check',
  'record',
  'pull',
  'apply',
  'gate',
  'verify',
  'keep',
] as const

export type Stage = (typeof stages)[number] | 'rollback'

/** The first manager's files, as this machine sees them. */
const seen = ({ field, directory }: Ground): string =>
  join(field.swarm.node('manager1').machine.directory, 'root', directory, '.slipway')

const list = (directory: string): string[] => {
  try {
    return readdirSync(directory).map(name => join(directory, name))
  } catch {
    return []
  }
}

const runsOf = (ground: Ground): string[] => list(seen(ground)).flatMap(state => list(join(state, 'runs')))

/** Waits until a run has come to a stage. False: it ended before. */
export async function reached(ground: Ground, stage: Stage, over: () => boolean): Promise<boolean> {
  const before = runsOf(ground)
  while (!over()) {
    const run = runsOf(ground).find(directory => !before.includes(directory))
    if (run !== undefined && hasBegun(run, stage)) return true
    await sleep(5)
  }
  return false
}

function hasBegun(run: string, stage: Stage): boolean {
  try {
    return new RegExp(` ${stage}$`, 'm').test(readFileSync(join(run, 'stages'), 'utf8'))
  } catch {
    return false
  }
}

/** Whether a run is still at work, by its lack of a verdict. */
export const isAtWork = (ground: Ground): boolean =>
  runsOf(ground).some(run => existsSync(join(run, 'stages')) && !existsSync(join(run, 'verdict')))

/** Ends the scripts of a ground's transactions by SIGKILL; what they called goes on. */
export const killScripts = (ground: Ground): Promise<string> =>
  ground.sh(
    `for process in /proc/[0-9]*; do
      case $(tr '\\0' ' ' <$process/cmdline 2>/dev/null) in
        'sh ${ground.directory}/.slipway/'*'/script run '*) kill -9 \${process#/proc/} 2>/dev/null ;;
      esac
    done; true`,
  )
