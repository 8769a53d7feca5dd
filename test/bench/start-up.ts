import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { action } from './action.ts'
import { differences, inTurn, ratios, type Subject, spread, table } from './samples.ts'

/** What a step of a workflow that pushes and deploys is given; nothing of it is reached in this part. */
function environment(directory: string): Record<string, string> {
  const sha = '0123456789012345678901234567890123456789'
  const event = join(directory, 'event.json')
  const commit = { id: sha, timestamp: '2026-08-01T10:00:00Z' }
  writeFileSync(event, JSON.stringify({ head_commit: commit, repository: { default_branch: 'main' } }))
  const inputs = {
    IMAGE: 'ghcr.io/octo/app',
    PLATFORMS: 'linux/amd64,linux/arm64',
    'REGISTRY-USERNAME': 'octo',
    'REGISTRY-PASSWORD': 'secret',
    'SSH-HOST': 'deploy@server.example',
    'SSH-PASSWORD': 'secret',
    'SSH-FINGERPRINT': `SHA256:${'A'.repeat(43)}`,
    'PROJECT-DIRECTORY': '/srv/app',
    SERVICE: 'web',
  }
  return {
    ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name}`, value])),
    PATH: '/usr/bin:/bin',
    HOME: directory,
    RUNNER_TEMP: directory,
    GITHUB_WORKSPACE: directory,
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: 'octo/app',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_SHA: sha,
    GITHUB_EVENT_NAME: 'push',
    GITHUB_EVENT_PATH: event,
    GITHUB_ACTOR: 'octo',
  }
}

/** Ends when the script has loaded: the inputs are read, the secrets are masked, the plan is under way. */
const whenLoaded = 'require(process.argv[1]); process.reallyExit(0)'

/** Ends when the plan stands: that is when the rest of the action is loaded. */
const whenPlanned = `
const module = require('node:module'), load = module._load
module._load = function (name, ...rest) {
  if (name === './later.cjs') process.reallyExit(0)
  return load.call(this, name, ...rest)
}
require(process.argv[1])`

/** Processor time of this process's children until now, in milliseconds (proc(5): in hundredths of a second). */
function childrenTime(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[13]) + Number(fields[14])) * 10
}

/** From the start of Node to three moments of a run, against an empty script. */
export async function startUp(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  const env = environment(directory)
  const empty = join(directory, 'empty.cjs')
  writeFileSync(empty, '')
  const used = new Map<string, number>()
  const subject = (name: string, args: readonly string[]): Subject => ({
    name,
    once() {
      const before = childrenTime()
      const began = performance.now()
      const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' })
      const took = performance.now() - began
      if (status !== 0) throw new Error(`${name}: exit ${status}\n${stderr}`)
      used.set(name, (used.get(name) ?? 0) + childrenTime() - before)
      return took
    },
  })
  const [main, post] = ['main', 'cleanup'].map(name => join(action, 'dist', `${name}.cjs`)) as [
    string,
    string,
  ]
  try {
    const rounds = 40
    const taken = await inTurn(
      [
        subject('an empty script', ['-e', whenLoaded, empty]),
        subject('main.cjs has loaded', ['-e', whenLoaded, main]),
        subject('main.cjs has made its plan', ['-e', whenPlanned, main]),
        subject('cleanup.cjs with nothing to undo, to its end', [post]),
      ],
      rounds,
    )
    const base = taken.get('an empty script') ?? []
    const baseUsed = used.get('an empty script') ?? 0
    return table([
      ['Start, until', 'Time', 'More than an empty script', 'Ratio', 'Processor time more'],
      ...[...taken].map(([name, samples]) => [
        name,
        spread(samples, 1, ' ms'),
        spread(differences(samples, base), 1, ' ms'),
        spread(ratios(samples, base), 2),
        `${(((used.get(name) ?? 0) - baseUsed) / (rounds + 1)).toFixed(1)} ms`,
      ]),
    ])
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
