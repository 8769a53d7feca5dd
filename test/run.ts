/**
 * Runs the tests of one kind, or only the given files:
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
  /** The number of files that run concurrently. */
  readonly concurrency: number
  /** A module that starts the rig before the tests and takes it down afterwards. */
  readonly setup?: string
  /** Returns a command that the tests are run with. */
  readonly prefix?: () => Promise<string[]>
  readonly env?: Readonly<Record<string, string>>
}

const setup = './test/scenario/setup.ts'

const kinds: Readonly<Record<string, Kind>> = {
  unit: { files: ['test/unit/**/*.test.ts'], concurrency: 4, prefix: surroundings },
  scenario: { files: ['test/scenario/*.test.ts'], concurrency: 4, setup },
  // The slowest unit tests again, in the other shells that a server may have.
  shells: {
    files: [
      'test/unit/deploy/server/endings.test.ts',
      'test/unit/deploy/payload.test.ts',
      'test/unit/target/compose-host/staging.test.ts',
    ],
    concurrency: 4,
    prefix: surroundings,
    env: { SHELLS: 'others' },
  },
  // Scenarios that take long, or that need something that takes long to prepare.
  long: { files: ['test/scenario/long/*.test.ts'], concurrency: 4, setup: './test/scenario/long/setup.ts' },
  faults: { files: ['test/faults/sweep.test.ts', 'test/faults/lock.test.ts'], concurrency: 1, setup },
  endings: { files: ['test/faults/gate.test.ts', 'test/faults/secrets.test.ts'], concurrency: 1, setup },
  // Counts lost requests while a release is replaced.
  zero: { files: ['test/zero/*.test.ts'], concurrency: 1, setup },
  // A swarm of three managers and a worker. The files run one after another, because they disturb the swarm.
  swarm: { files: ['test/swarm/*.test.ts'], concurrency: 1, setup: './test/swarm/setup.ts' },
  rig: { files: ['test/rig/**/*.test.ts'], concurrency: 1 },
}

const [name = '', ...given] = process.argv.slice(2)
const kind = kinds[name]
if (kind === undefined)
  throw new Error(`Unknown kind of tests "${name}". Use one of ${Object.keys(kinds).join(', ')}.`)

const options = [
  '--import=./test/text-modules.mjs',
  '--import=./test/end-file.mjs',
  `--test-concurrency=${kind.concurrency}`,
  ...(kind.setup === undefined ? [] : [`--test-global-setup=${kind.setup}`]),
  ...['spec', './test/skips.ts'].flatMap(reporter => [
    `--test-reporter=${reporter}`,
    '--test-reporter-destination=stdout',
  ]),
]
// node:test silently ignores a file name that matches nothing.
const missing = [...given, ...kind.files].filter(word => !word.startsWith('-') && globSync(word).length === 0)
if (missing.length > 0) throw new Error(`No such test file: ${missing.join(', ')}`)

const files = given.some(word => !word.startsWith('-')) ? [] : kind.files
const command = [process.execPath, '--test', ...options, ...given, ...files]

await asRoot(async () => {
  ownTemporaryDirectory()
  const [file = '', ...args] = [...((await kind.prefix?.()) ?? []), ...command]
  const env = { ...process.env, ...kind.env }
  process.exitCode = spawnSync(file, args, { stdio: 'inherit', env }).status ?? 1
})
