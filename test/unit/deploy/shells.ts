import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The shells of this machine that a server's `sh` may be, each as the words of its command. */
export const shells: readonly (readonly string[])[] = [
  ['dash'],
  ['bash', '--posix'],
  ['busybox', 'sh'],
].filter(([file = '']) => spawnSync(file, ['-c', ':']).error === undefined && canRun(file))

/**
 * The shells for tests that take long: the first in `test:unit`, and the others in `test:shells`, so that `npm cit` stays
 * short.
 */
export const slowShells = process.env['SHELLS'] === 'others' ? shells.slice(1) : shells.slice(0, 1)

/** Whether a shell runs: a busybox may be built without one. */
function canRun(file: string): boolean {
  return file !== 'busybox' || spawnSync(file, ['sh', '-c', 'exit 7']).status === 7
}

const agent = new URL('../../../src/deploy/agent/', import.meta.url)

/** Joins some parts of the transaction script, followed by `main`. */
export const scriptParts = (names: readonly string[], main: string): string =>
  [...names.map(name => readFileSync(new URL(`${name}.sh`, agent), 'utf8')), main, ''].join('\n')
