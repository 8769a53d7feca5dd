import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { attempt, run } from '../rig/command.ts'
import { type Rig, rig, type Server } from '../rig/rig.ts'
import { installAct } from './act.ts'

/** The environment in which recipes are tested: `act` on this machine, and the rig. */
export interface Environment {
  readonly act: string
  readonly rig: Rig
  /** The server to deploy to. */
  readonly server: Server
  /** The jump host. */
  readonly jump: Server
  /** The base image, as `repository:tag`. */
  readonly base: string
  /** Another registry, which requires another login, with the same base image. */
  readonly otherRegistry: {
    readonly host: string
    readonly base: string
    readonly username: string
    readonly password: string
  }
  /** A container builder: its name, for scripts, and the inputs with which the action creates a similar one. */
  readonly container: { readonly name: string; readonly inputs: Readonly<Record<string, string>> }
  /** The directory of the action, with action.yml and dist/. */
  readonly action: string
  close(): Promise<void>
}

export async function openEnvironment(say: (line: string) => void): Promise<Environment> {
  const act = await installAct(say)
  const all = await rig()
  const other = await all.tokenRegistry()
  const { host, username, password } = other
  const [server, jump, { reference: base }, { reference: otherBase }] = await Promise.all([
    all.server({ name: 'recipes' }),
    all.server('modern'),
    all.base(all.registry),
    all.base(other),
    all.emulator(),
  ])
  const container = await openContainer(all)
  const otherRegistry = { host, base: otherBase, username, password }
  const action = process.env['SLIPWAY_ACTION'] ?? join(import.meta.dirname, '..', '..')
  const close = async () => {
    await Promise.all([server.remove(), all.runner.docker('buildx', 'rm', '--force', container.name)])
  }
  return { act, rig: all, server, jump, base, otherRegistry, container, action, close }
}

/** Creates a builder configured for plain HTTP to the rig's registries, which `docker buildx imagetools` requires. */
async function openContainer({ buildkit, runner }: Rig): Promise<Environment['container']> {
  const { driverOpts, config } = await buildkit()
  const name = 'recipes'
  const directory = mkdtempSync(join(tmpdir(), 'slipway-toml-'))
  const file = join(directory, 'buildkitd.toml')
  writeFileSync(file, config)
  await runner.docker('buildx', 'rm', '--force', name)
  const created = await runner.docker(
    ...['buildx', 'create', '--name', name, '--buildkitd-config', file],
    ...driverOpts.flatMap(option => ['--driver-opt', option]),
  )
  rmSync(directory, { recursive: true })
  if (created.code !== 0) throw new Error(created.stderr)
  return { name, inputs: { 'driver-opts': driverOpts.join('\n'), 'buildkitd-config-inline': config } }
}

/** A repository to run a workflow in. It has two commits, so that there is a previous one. */
export interface Repository {
  readonly path: string
  readonly commits: readonly [before: string, head: string]
  remove(): void
}

/** Creates a repository with the action at its root, and the application's files. The second commit adds `changed`. */
export async function makeRepository(
  { action }: Environment,
  name: string,
  files: Readonly<Record<string, string>>,
  changed: Readonly<Record<string, string>>,
): Promise<Repository> {
  const path = mkdtempSync(join(tmpdir(), 'slipway-recipe-'))
  const git = (...args: string[]) => run('git', ['-C', path, ...identity, ...args])
  const commit = async (added: Readonly<Record<string, string>>): Promise<string> => {
    for (const [file, text] of Object.entries(added)) {
      mkdirSync(dirname(join(path, file)), { recursive: true })
      writeFileSync(join(path, file), text)
    }
    await git('add', '--all')
    await git('commit', '--quiet', '--message', 'Change it')
    return (await git('rev-parse', 'HEAD')).trim()
  }
  for (const part of ['action.yml', 'dist']) cpSync(join(action, part), join(path, part), { recursive: true })
  await git('init', '--quiet', '--initial-branch', 'main')
  await git('remote', 'add', 'origin', `https://github.com/octo/${name}.git`)
  const commits = [
    await commit({ ...files, '.dockerignore': 'dist\n.git\n' }),
    await commit(changed),
  ] as const
  return { path, commits, remove: () => rmSync(path, { recursive: true }) }
}

/** The `runs-on` labels of the recipes. All of them are this machine. */
const runners = ['ubuntu-latest', 'ubuntu-24.04', 'ubuntu-24.04-arm']

const identity = ['-c', 'user.name=Octo', '-c', 'user.email=octo@example.com', '-c', 'commit.gpgsign=false']

/** The options of a workflow run with `act`. */
export interface WorkflowOptions {
  readonly workflow: string
  readonly event: string
  /** The webhook payload of the event. */
  readonly payload: Readonly<Record<string, unknown>>
  readonly actor: string
  readonly secrets: Readonly<Record<string, string>>
  readonly vars: Readonly<Record<string, string>>
}

/** The result of a workflow run. */
export interface WorkflowRun {
  /** `null` if a signal killed `act`. */
  readonly code: number | null
  /** Stdout and stderr. */
  readonly log: string
  readonly seconds: number
}

export async function runWorkflow(
  { act, rig: { runner } }: Environment,
  { path }: Repository,
  options: WorkflowOptions,
): Promise<WorkflowRun> {
  const home = mkdtempSync(join(tmpdir(), 'slipway-act-'))
  const write = (name: string, content: unknown): string => {
    const file = join(home, name)
    writeFileSync(file, JSON.stringify(content), { mode: 0o600 })
    return file
  }
  const { PATH, ...docker } = runner.env
  const args = [
    options.event,
    ...['--directory', path, '--workflows', join('.github/workflows', options.workflow)],
    ...runners.flatMap(name => ['--platform', `${name}=-self-hosted`]),
    ...['--container-daemon-socket', '-', '--actor', options.actor],
    ...['--eventpath', write('event.json', options.payload)],
    // JSON in files named .yml, so that act parses them as YAML, of which JSON is a subset.
    ...['--secret-file', write('secrets.yml', options.secrets)],
    ...['--var-file', write('vars.yml', options.vars)],
    ...['--env-file', write('env.yml', docker), '--action-cache-path', join(home, 'cache')],
    ...['--cache-server-path', join(home, 'cached')],
  ]
  const env = {
    ...process.env,
    ...docker,
    PATH: `${nodeFolder()}:${PATH}`,
    HOME: home,
    XDG_CONFIG_HOME: home,
  }
  const began = performance.now()
  try {
    const ended = await attempt(act, args, { env, cwd: path, timeout: 180_000 })
    const seconds = (performance.now() - began) / 1000
    return { code: ended.code, log: `${ended.stdout}${ended.stderr}`, seconds }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

/** Returns the directory of the Node that `act` uses for a node24 action: the development dependency. */
const nodeFolder = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin')
