import { readdirSync, readFileSync } from 'node:fs'

/** A process that an action started and did not wait for. */
export interface Orphan {
  readonly pid: number
  readonly command: string
}

/**
 * Ends what still runs with the job's tracking ID in its environment, as GitHub's runner does at the end of a job.
 * Gives what it ended.
 */
export function endOrphans(trackingId: string): Orphan[] {
  const orphans = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => readProc(pid, 'environ').split('\0').includes(`RUNNER_TRACKING_ID=${trackingId}`))
    .map(pid => ({ pid: Number(pid), command: readProc(pid, 'cmdline').replaceAll('\0', ' ').trim() }))
    // A zombie has no command line any more, and nothing to end.
    .filter(orphan => orphan.command !== '')
  for (const { pid } of orphans) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself meanwhile.
    }
  }
  return orphans
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
