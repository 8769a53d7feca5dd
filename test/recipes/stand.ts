import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { attempt, run } from '../rig/command.ts'
import { type Rig, rig, type Server } from '../rig/rig.ts'
import { installAct } from './act.ts'

/** What recipes are rehearsed on: `act` on this machine, and the rig. */
export interface Stand {
  readonly act: string
  readonly rig: Rig
  /** A server of its own, and one to jump through. */
  readonly server: Server
  readonly jump: Server
  /** `repo:tag`, to build upon. */
  readonly base: string
  /** The same image in another registry, which asks for another login. */
  readonly elsewhere: {
    readonly host: string
    readonly base: string
    readonly username: string
    readonly password: string
  }
  /** A builder in a container: its name, for scripts, and the inputs by which the action makes one like it. */
  readonly container: { readonly name: string; readonly inputs: Readonly<Record<string, string>> }
  /** The action: action.yml and dist/. */
  readonly action: string
  close(): Promise<void>
}

export async function openStand(say: (line: string) => void): Promise<Stand> {
  const act = await installAct(say)
  const all = await rig()
  const other = await all.tokenRegistry()
  const { host, username, password } = other
  const [server, jump, { reference: base }, { reference: theirs }] = await Promise.all([
    all.server({ name: 'recipes' }),
    all.server('modern'),
    all.base(all.registry),
    all.base(other),
    all.emulator(),
  ])
  const container = await openContainer(all)
  const elsewhere = { host, base: theirs, username, password }
  const action = process.env['SLIPWAY_ACTION'] ?? join(import.meta.dirname, '..', '..')
  const close = async () => {
    await Promise.all([server.remove(), all.runner.docker('buildx', 'rm', '--force', container.name)])
  }
  return { act, rig: all, server, jump, base, elsewhere, container, action, close }
}

/** Makes a builder that knows that the rig's registries speak plain HTTP, as `docker buildx imagetools` has to. */
async function openContainer({ buildkit, runner }: Rig): Promise<Stand['container']> {
  const { driverOpts, config } = await buildkit()
  const name = 'recipes'
  const directory = mkdtempSync(join(tmpdir(), 'slipway-toml-'))
  const file = join(directory, 'buildkitd.toml')
  writeFileSync(file, config)
  await runner.docker('buildx', 'rm', '--force', name)
  const made = await runner.docker(
    ...['buildx', 'create', '--name', name, '--buildkitd-config', file],
    ...driverOpts.flatMap(option => ['--driver-opt', option]),
  )
  rmSync(directory, { recursive: true })
  if (made.code !== 0) throw new Error(made.stderr)
  return { name, inputs: { 'driver-opts': driverOpts.join('\n'), 'buildkitd-config-inline': config } }
}

/** A repository to run a workflow in: two commits, so that something was changed. */
export interface Repository {
  readonly path: string
  readonly commits: readonly [before: string, head: string]
  remove(): void
}

/** The action at the root, as in its own repository, and the files of what is deployed; `changed` by the second commit. */
export async function makeRepository(
  { action }: Stand,
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

/** What the recipes run on is all this machine. */
const runners = ['ubuntu-latest', 'ubuntu-24.04', 'ubuntu-24.04-arm']

const identity = ['-c', 'user.name=Octo', '-c', 'user.email=octo@example.com']

/** A run of a workflow, as `act` does it. */
export interface Order {
  readonly workflow: string
  readonly event: string
  /** What GitHub would say of the event. */
  readonly payload: Readonly<Record<string, unknown>>
  readonly actor: string
  readonly secrets: Readonly<Record<string, string>>
  readonly vars: Readonly<Record<string, string>>
}

export interface Ran {
  readonly code: number | null
  /** All that was printed. */
  readonly log: string
  readonly seconds: number
}

export async function runWorkflow(
  { act, rig: { runner } }: Stand,
  { path }: Repository,
  order: Order,
): Promise<Ran> {
  const notes = mkdtempSync(join(tmpdir(), 'slipway-act-'))
  const note = (name: string, content: unknown): string => {
    const file = join(notes, name)
    writeFileSync(file, JSON.stringify(content), { mode: 0o600 })
    return file
  }
  const { PATH, ...docker } = runner.env
  const args = [
    order.event,
    ...['--directory', path, '--workflows', join('.github/workflows', order.workflow)],
    ...runners.flatMap(name => ['--platform', `${name}=-self-hosted`]),
    ...['--container-daemon-socket', '-', '--actor', order.actor],
    ...['--eventpath', note('event.json', order.payload)],
    // YAML by their names, which JSON is.
    ...['--secret-file', note('secrets.yml', order.secrets), '--var-file', note('vars.yml', order.vars)],
    ...['--env-file', note('env.yml', docker), '--action-cache-path', join(notes, 'cache')],
    ...['--cache-server-path', join(notes, 'cached')],
  ]
  const env = {
    ...process.env,
    ...docker,
    PATH: `${nodeFolder()}:${PATH}`,
    HOME: notes,
    XDG_CONFIG_HOME: notes,
  }
  const began = performance.now()
  try {
    const ended = await attempt(act, args, { env, cwd: path, timeout: 180_000 })
    const seconds = (performance.now() - began) / 1000
    return { code: ended.code, log: `${ended.stdout}${ended.stderr}`, seconds }
  } finally {
    rmSync(notes, { recursive: true, force: true })
  }
}

/** The Node that `act` is to take for a node24 action: the one of the development dependency. */
const nodeFolder = (): string =>
  join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin')
