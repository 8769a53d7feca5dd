import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { at } from './context.ts'
import { Failure } from './errors.ts'

/** Creates a directory that only this user can read (0700). `parent` is emptied after the job. */
export async function privateDirectory(parent: string, name: string): Promise<string> {
  try {
    return await mkdtemp(join(parent, `slipway-${name}-`))
  } catch (error) {
    throw new Failure('preflight', {
      cause: `Cannot create a private directory in \`${parent}\`: ${String(at(error, 'code') ?? error)}.`,
      remedy:
        'Free space there, or set `RUNNER_TEMP` to a directory that the user of this runner may write to.',
    })
  }
}
