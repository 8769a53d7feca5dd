import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'

/** A directory that only this user can look into (0700), below one that is emptied after the job. */
export const privateDirectory = (parent: string, name: string): Promise<string> =>
  mkdtemp(join(parent, `slipway-${name}-`))
