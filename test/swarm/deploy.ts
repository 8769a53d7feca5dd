import { randomInt } from 'node:crypto'
import { type ActionOptions, type ActionRun, runAction } from '../rig/runner.ts'
import type { Ground } from './field.ts'
import type { Kind } from './images.ts'

/** How a deploy ended, by all that tells of it. */
export interface Outcome {
  readonly run: ActionRun
  readonly runId: string
  /** The last verdict that the server's history has of the run; `refused` when it has none. */
  readonly verdict: string
  readonly seconds: number
}

export interface DeployOptions extends Omit<ActionOptions, 'with'> {
  readonly with?: Readonly<Record<string, string | number | boolean>>
  readonly runId?: string
}

export const newRunId = (): string => String(randomInt(1e9, 2e9))
let number = 100

/** Deploys a kind of release to a service of the ground's name, or to its stack, through the committed bundle. */
export async function deploy(
  ground: Ground,
  kind: Kind | 'foreign',
  { with: inputs = {}, runId = newRunId(), ...options }: DeployOptions = {},
): Promise<Outcome> {
  const { field, directory, name } = ground
  const manager = field.swarm.node('manager1')
  const { registry } = field.all
  const began = performance.now()
  const given: Record<string, string | number | boolean> = {
    image: field.images.repository,
    tags: kind,
    build: false,
    'registry-username': registry.username,
    'registry-password': registry.password,
    'ssh-host': `deploy@${manager.address}`,
    'ssh-key': manager.access.key.text,
    'ssh-known-hosts': manager.knownHosts,
    'project-directory': directory,
    'wait-timeout': 30,
    stability: 1,
    ...('stack' in inputs ? { service: 'web' } : { swarm: true, service: name }),
    ...inputs,
  }
  const action = process.env['SLIPWAY_ACTION']
  const run = await runAction({
    ...(action === undefined ? {} : { action }),
    env: field.all.runner.env,
    timeout: 480_000,
    github: { run_id: runId, run_number: String(number++) },
    ...options,
    with: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '')),
  })
  const seconds = (performance.now() - began) / 1000
  return { run, runId, verdict: await verdictOf(ground, runId), seconds }
}

export async function verdictOf(ground: Ground, runId: string): Promise<string> {
  const history = await ground.sh('cat .slipway/*/history.tsv 2>/dev/null', { fails: true })
  const lines = history.split('\n').filter(line => line.includes(`/runs/${runId}`))
  return lines.at(-1)?.split('\t')[1] ?? 'refused'
}
