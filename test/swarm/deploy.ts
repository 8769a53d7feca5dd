import { randomInt } from 'node:crypto'
import { type ActionOptions, type ActionRun, runAction } from '../rig/runner.ts'
import type { Project } from './fixture.ts'
import type { Release } from './images.ts'

/** The result of a deploy, from the run and from the server's history. */
export interface Outcome {
  readonly run: ActionRun
  readonly runId: string
  /** The last verdict in the server's history for the run, or `refused` if there is none. */
  readonly verdict: string
  readonly seconds: number
}

export interface DeployOptions extends Omit<ActionOptions, 'with'> {
  readonly with?: Readonly<Record<string, string | number | boolean>>
  readonly runId?: string
}

export const newRunId = (): string => String(randomInt(1e9, 2e9))
let number = 100

/** Deploys a release to the project's service, or to its stack, with the committed bundle. */
export async function deploy(
  project: Project,
  release: Release | 'foreign',
  { with: inputs = {}, runId = newRunId(), ...options }: DeployOptions = {},
): Promise<Outcome> {
  const { fixture, directory, name } = project
  const manager = fixture.swarm.node('manager1')
  const { registry } = fixture.all
  const began = performance.now()
  const given: Record<string, string | number | boolean> = {
    image: fixture.images.repository,
    tags: release,
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
    env: fixture.all.runner.env,
    timeout: 480_000,
    github: { run_id: runId, run_number: String(number++) },
    ...options,
    with: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '')),
  })
  const seconds = (performance.now() - began) / 1000
  return { run, runId, verdict: await verdictOf(project, runId), seconds }
}

export async function verdictOf(project: Project, runId: string): Promise<string> {
  const history = await project.sh('cat .slipway/*/history.tsv 2>/dev/null', { fails: true })
  const lines = history.split('\n').filter(line => line.includes(`/runs/${runId}`))
  return lines.at(-1)?.split('\t')[1] ?? 'refused'
}
