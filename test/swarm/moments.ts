import { readdirSync, readFileSync } from 'node:fs'
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
  'bring',
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

/** What is done for each process of a ground's transactions; what they called is none of these. */
const forScripts = ({ directory }: Ground, command: string): string =>
  `for process in /proc/[0-9]*; do
    case $(tr '\\0' ' ' <$process/cmdline 2>/dev/null) in
      'sh ${directory}/.slipway/'*'/script run '*) ${command} ;;
    esac
  done; true`

/** Ends the scripts of a ground's transactions by SIGKILL; what they called goes on. */
export const killScripts = (ground: Ground): Promise<string> =>
  ground.sh(forScripts(ground, 'kill -9 ${process#/proc/} 2>/dev/null'))

export const hasScripts = async (ground: Ground): Promise<boolean> =>
  (await ground.sh(forScripts(ground, 'echo "$process"'))) !== ''
