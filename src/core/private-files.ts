import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { at } from './context.ts'
import { Failure } from './errors.ts'

/** Makes a directory that only this user can look into (0700), below one that is emptied after the job. */
export async function privateDirectory(parent: string, name: string): Promise<string> {
  try {
    return await mkdtemp(join(parent, `slipway-${name}-`))
  } catch (error) {
    throw new Failure('preflight', {
      cause: `No private directory can be made in \`${parent}\`: ${String(at(error, 'code') ?? error)}.`,
      remedy:
        'Make room there, or set `RUNNER_TEMP` to a directory that the user of this runner may write to.',
    })
  }
}
