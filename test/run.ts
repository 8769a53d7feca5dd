/**
 * Runs tests of one kind, all of them or the files that are named:
 *
 *   node test/run.ts KIND [OPTION of `node --test`…] [FILE…]
 */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { asRoot } from './rig/root.ts'
import { ownTemporaryDirectory } from './rig/temporary.ts'
import { surroundings } from './unit/requirements.ts'

interface Kind {
  readonly files: readonly string[]
  /** How many files run side by side. */
  readonly side: number
  /** Brings the rig up before them, and takes it down afterwards. */
  readonly setup?: string
  readonly inFrontOf?: () => Promise<string[]>
}

const setup = './test/scenario/setup.ts'

const kinds: Readonly<Record<string, Kind>> = {
  unit: { files: ['test/unit/**/*.test.ts'], side: 4, inFrontOf: surroundings },
  scenario: { files: ['test/scenario/*.test.ts'], side: 4, setup },
  // Those that take long by nature, or need what takes long to make.
  long: { files: ['test/scenario/long/*.test.ts'], side: 4, setup: './test/scenario/long/setup.ts' },
  faults: { files: ['test/faults/sweep.test.ts', 'test/faults/lock.test.ts'], side: 1, setup },
  endings: { files: ['test/faults/gate.test.ts', 'test/faults/secrets.test.ts'], side: 1, setup },
  // Whether requests are lost while a release is replaced.
  zero: { files: ['test/zero/*.test.ts'], side: 1, setup },
  // A swarm of three managers and a worker, in files that disturb it one after another.
  swarm: { files: ['test/swarm/*.test.ts'], side: 1, setup: './test/swarm/setup.ts' },
  rig: { files: ['test/rig/**/*.test.ts'], side: 1 },
}

const [name = '', ...given] = process.argv.slice(2)
const kind = kinds[name]
if (kind === undefined) throw new Error(`${name || 'nothing'}: one of ${Object.keys(kinds).join(', ')}`)

const options = [
  '--import=./test/text-modules.mjs',
  `--test-concurrency=${kind.side}`,
  ...(kind.setup === undefined ? [] : [`--test-global-setup=${kind.setup}`]),
  ...['spec', './test/skips.ts'].flatMap(reporter => [
    `--test-reporter=${reporter}`,
    '--test-reporter-destination=stdout',
  ]),
]
// node:test passes over a name that matches nothing.
const absent = given.filter(word => !word.startsWith('-') && globSync(word).length === 0)
if (absent.length > 0) throw new Error(`There is no such test file: ${absent.join(', ')}`)

const files = given.some(word => !word.startsWith('-')) ? [] : kind.files
const command = [process.execPath, '--test', ...options, ...given, ...files]

await asRoot(async () => {
  ownTemporaryDirectory()
  const [file = '', ...args] = [...((await kind.inFrontOf?.()) ?? []), ...command]
  process.exitCode = spawnSync(file, args, { stdio: 'inherit' }).status ?? 1
})
