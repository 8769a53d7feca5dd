import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Project } from './fixture.ts'

/** The stages of a transaction on a swarm at which faults are injected. */
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

/** Returns the path on this machine of the project's `.slipway` directory on the first manager. */
const stateDirectory = ({ fixture, directory }: Project): string =>
  join(fixture.swarm.node('manager1').machine.directory, 'root', directory, '.slipway')

const list = (directory: string): string[] => {
  try {
    return readdirSync(directory).map(name => join(directory, name))
  } catch {
    return []
  }
}

const runsOf = (project: Project): string[] =>
  list(stateDirectory(project)).flatMap(state => list(join(state, 'runs')))

/** Waits until the next run reaches a stage. Returns false if it finishes before. */
export async function reached(project: Project, stage: Stage, isFinished: () => boolean): Promise<boolean> {
  const before = runsOf(project)
  while (!isFinished()) {
    const run = runsOf(project).find(directory => !before.includes(directory))
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

/** Returns a script that runs a command for each process of the project's transactions, without their children. */
const forScripts = ({ directory }: Project, command: string): string =>
  `for process in /proc/[0-9]*; do
    case $(tr '\\0' ' ' <$process/cmdline 2>/dev/null) in
      'sh ${directory}/.slipway/'*'/script run '*) ${command} ;;
    esac
  done; true`

/**
 * Kills the scripts of the project's transactions with SIGKILL. Commands that they started continue. Returns the killed
 * processes: `/proc/PID`, one per line.
 */
export const killScripts = (project: Project): Promise<string> =>
  project.sh(forScripts(project, 'kill -9 ${process#/proc/} 2>/dev/null && echo "$process"'))

export const hasScripts = async (project: Project): Promise<boolean> =>
  (await project.sh(forScripts(project, 'echo "$process"'))) !== ''
