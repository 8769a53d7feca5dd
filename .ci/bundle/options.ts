import type { BuildOptions } from 'esbuild'
import { absent } from './absent.ts'
import { withoutSideEffects } from './side-effects.ts'

/** A file of dist/: its path in it, and what is written there. */
export interface File {
  readonly path: string
  readonly text: string
}

export const options = {
  bundle: true,
  write: false,
  platform: 'node',
  target: 'node24',
  // Bytes of one byte each are read and parsed faster.
  charset: 'ascii',
  legalComments: 'none',
  loader: { '.sh': 'text', '.node': 'empty' },
  // ssh2's optional native part: absent on the runner, and the bundle must not depend on what was built here.
  external: ['cpu-features'],
  logLevel: 'warning',
} as const satisfies BuildOptions

/** What every bundle leaves out of the packages in it. */
export const leftOut = [absent, withoutSideEffects]
