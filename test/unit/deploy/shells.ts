import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The shells of this machine that a server's `sh` may be, each as the words that call it. */
export const shells: readonly (readonly string[])[] = [
  ['dash'],
  ['bash', '--posix'],
  ['busybox', 'sh'],
].filter(([file = '']) => spawnSync(file, ['-c', ':']).error === undefined && canRun(file))

/** A machine may have a busybox without a shell in it. */
function canRun(file: string): boolean {
  return file !== 'busybox' || spawnSync(file, ['sh', '-c', 'exit 7']).status === 7
}

const room = new URL('../../../src/deploy/agent/', import.meta.url)

/** The text of some rooms of the transaction, with `main` behind them. */
export const rooms = (names: readonly string[], main: string): string =>
  [...names.map(name => readFileSync(new URL(`${name}.sh`, room), 'utf8')), main, ''].join('\n')
