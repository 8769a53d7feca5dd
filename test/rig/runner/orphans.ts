import { readdirSync, readFileSync } from 'node:fs'

/** A process that an action started and that is still running at the end of the job. */
export interface Orphan {
  readonly pid: number
  readonly command: string
}

/**
 * Kills every process that has the job's tracking ID in its environment, as GitHub's runner does at the end of a job.
 * Returns the killed processes.
 */
export function endOrphans(trackingId: string): Orphan[] {
  const orphans = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .filter(pid => readProc(pid, 'environ').split('\0').includes(`RUNNER_TRACKING_ID=${trackingId}`))
    .map(pid => ({ pid: Number(pid), command: readProc(pid, 'cmdline').replaceAll('\0', ' ').trim() }))
    // A zombie has no command line, and does not need to be killed.
    .filter(orphan => orphan.command !== '')
  for (const { pid } of orphans) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has exited in the meantime.
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
