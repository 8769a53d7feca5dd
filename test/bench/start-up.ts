import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { action } from './action.ts'
import { differences, inTurn, quantile, type Subject, spread, table } from './samples.ts'

/** Returns the environment of a workflow step that pushes and deploys. This benchmark does not connect to anything. */
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

/** Exits when the script has loaded: it has read the inputs, masked the secrets and begun to plan. */
const exitWhenLoaded = 'require(process.argv[1]); process.reallyExit(0)'

/**
 * Returns a command prefix for real-time priority, if permitted, because other processes strongly distort such short
 * times. Use it only for Node, which exits right away: a Go program waits for its own threads in a loop, and would
 * block the machine.
 */
function realTimePrefix(): string[] {
  const command = ['chrt', '--fifo', '1']
  const [file = '', ...args] = [...command, 'true']
  return spawnSync(file, args).status === 0 ? command : []
}

/** Returns the CPU time of this process's children in milliseconds. proc(5) has it in hundredths of a second. */
function childrenTime(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[13]) + Number(fields[14])) * 10
}

/**
 * Measures the time from the start of Node until main.cjs has loaded and post.cjs ends, compared with an empty script.
 */
export async function startUp(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  const env = environment(directory)
  const empty = join(directory, 'empty.cjs')
  writeFileSync(empty, '')
  const used = new Map<string, number>()
  const [file = '', ...before] = [...realTimePrefix(), process.execPath]
  const subject = (name: string, args: readonly string[]): Subject => ({
    name,
    once() {
      const usedBefore = childrenTime()
      const began = performance.now()
      const { status, stderr } = spawnSync(file, [...before, ...args], {
        env,
        encoding: 'utf8',
        timeout: 5000,
      })
      const took = performance.now() - began
      if (status !== 0) throw new Error(`${name}: exit ${status}\n${stderr}`)
      used.set(name, (used.get(name) ?? 0) + childrenTime() - usedBefore)
      return took
    },
  })
  const [main, post] = ['main', 'post'].map(name => join(action, 'dist', `${name}.cjs`)) as [string, string]
  try {
    const rounds = 40
    const taken = await inTurn(
      [
        subject('an empty script', ['-e', exitWhenLoaded, empty]),
        subject('main.cjs has loaded', ['-e', exitWhenLoaded, main]),
        subject('post.cjs with nothing to undo, to its end', [post]),
      ],
      rounds,
    )
    const base = taken.get('an empty script') ?? []
    const baseUsed = used.get('an empty script') ?? 0
    return table([
      ['Start, until', 'Time', 'More than an empty script', 'Fastest tenth', 'CPU time'],
      ...[...taken].map(([name, samples]) => [
        name,
        spread(samples, 1, ' ms'),
        spread(differences(samples, base), 1, ' ms'),
        more(quantile(samples, 0.1) - quantile(base, 0.1)),
        more(((used.get(name) ?? 0) - baseUsed) / (rounds + 1)),
      ]),
    ])
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const more = (milliseconds: number): string => `${milliseconds < 0 ? '' : '+'}${milliseconds.toFixed(1)} ms`
