import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Rig, Server, ServerOptions } from '../rig/rig.ts'
import { type ActionOptions, type ActionRun, runAction } from '../rig/runner.ts'
import type { Version } from './images.ts'
import { openRelay, type Relay } from './relay.ts'

/** A server of its own with one project on it, a relay in front of its sshd, and one in front of the registry. */
export interface Lane extends AsyncDisposable {
  readonly options: LaneOptions
  /** Another object after a {@link reboot}. */
  readonly server: Server
  readonly directory: string
  /** Where the transaction keeps what it has to keep. */
  readonly state: string
  readonly ssh: Relay
  readonly registry: Relay
  /** A path on the server, as this machine sees it while the server is up. */
  seen(path: string): string
  /** What the service answers; undefined when nothing does. */
  page(): Promise<string | undefined>
  /** The pages that what was brought says it belongs to: several where old and new are mixed. */
  brought(): Promise<readonly string[]>
  /** A shell command of root in the project's directory; throws when it fails. */
  sh(command: string): Promise<string>
  /** Deploys a version that was pushed; each with a run ID of its own, which is given. */
  deploy(version: Version, options?: DeployOptions): Promise<ActionRun>
  /** Writes the compose file. */
  compose(text: string): Promise<void>
  reboot(): Promise<void>
}

export interface LaneOptions {
  readonly server?: ServerOptions
  /** `octo/name`, in the rig's registry. */
  readonly repository: string
  /** Seconds that the service takes to stop: it does not heed SIGTERM. */
  readonly grace: number
  /** The project's directory is a file system of 2 MB. */
  readonly small?: boolean
}

export interface DeployOptions extends ActionOptions {
  readonly user?: 'deploy' | 'second'
  readonly runId?: string
}

/** The project is the same everywhere, as each lane has its server. */
export const project = 'app'

export async function openLane(all: Rig, options: LaneOptions): Promise<Lane> {
  let server = await all.server(options.server ?? { suite: 'sid', store: 'containerd' })
  const address = `${all.place.network}.1`
  const [host = '', port = ''] = all.registry.host.split(':')
  const ssh = await openRelay({ address, target: () => ({ host: server.address, port: server.port }) })
  const registry = await openRelay({ address, target: () => ({ host, port: Number(port) }) })
  const directory = `/srv/${project}`
  const sh = async (command: string): Promise<string> => {
    const { code, stdout, stderr } = await server.exec(`cd ${directory} && { ${command}\n}`)
    if (code !== 0) throw new Error(`${command}: exit ${code}\n${stdout}${stderr}`)
    return stdout
  }
  const lane: Lane = {
    options,
    get server() {
      return server
    },
    directory,
    state: `${directory}/.slipway/${project}`,
    ssh,
    registry,
    seen: path => `/proc/${server.machine.first.pid}/root${path}`,
    page: () => page(`http://${server.address}:8080/`),
    sh,
    brought: async () => [...new Set((await sh(readBrought)).split('\n').filter(Boolean))],
    deploy: (version, more = {}) => deploy(all, lane, version, more),
    compose: async text => void (await sh(`cat >compose.yaml <<'END'\n${text}END`)),
    reboot: async () => {
      server = await server.reboot()
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([ssh[Symbol.asyncDispose](), registry[Symbol.asyncDispose](), server.remove()])
    },
  }
  await server.exec(prepare(directory, options.small === true))
  await lane.compose(composeFile(imageOf(all, lane), options.grace))
  return lane
}

/** All who may use docker may write there. */
const prepare = (directory: string, small: boolean): string => `mkdir -p ${directory}
${small ? `mount -t tmpfs -o size=2m tmpfs ${directory}` : ''}
chown deploy:docker ${directory} && chmod 2775 ${directory}`

export const imageOf = (all: Rig, { registry, options }: Pick<Lane, 'registry' | 'options'>): string =>
  `${all.place.network}.1:${registry.port}/${options.repository}`

export const composeFile = (image: string, grace: number): string => `services:
  web:
    image: ${image}:latest
    restart: unless-stopped
    stop_grace_period: ${grace}s
    ports: ["8080:8080"]
    healthcheck:
      test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"]
      interval: 1s
      timeout: 2s
      retries: 3
`

async function deploy(
  all: Rig,
  lane: Lane,
  { digest, page: name }: Version,
  { user = 'deploy', runId = '1', with: inputs = {}, ...options }: DeployOptions,
): Promise<ActionRun> {
  const { server, ssh, directory } = lane
  const address = `${all.place.network}.1`
  const workspace = mkdtempSync(join(tmpdir(), 'slipway-workspace-'))
  bring(workspace, name)
  const action = process.env['SLIPWAY_ACTION']
  try {
    return await runAction({
      env: all.runner.env,
      workspace,
      timeout: 120_000,
      github: { run_id: runId },
      ...(action === undefined ? {} : { action }),
      ...options,
      with: {
        build: false,
        tags: '',
        image: `${imageOf(all, lane)}@${digest}`,
        'registry-username': all.registry.username,
        'registry-password': all.registry.password,
        'ssh-host': `${user}@${address}:${ssh.port}`,
        'ssh-key': server.access.key.text,
        'ssh-known-hosts': server.knownHosts.replaceAll(server.address, `[${address}]:${ssh.port}`),
        'project-directory': directory,
        service: 'web',
        files: 'brought',
        env: `RELEASE=${name}`,
        stability: 1,
        'wait-timeout': 20,
        ...inputs,
      },
    })
  } finally {
    rmSync(workspace, { recursive: true, force: true })
  }
}

/** Every file says which release it came with; one of them has a name of its own for each. */
function bring(workspace: string, name: string): void {
  for (const file of ['a', 'b/c', 'b/d', `only/${name}`]) {
    mkdirSync(join(workspace, 'brought', file, '..'), { recursive: true })
    writeFileSync(join(workspace, 'brought', file), `${name}\n`)
  }
}

const readBrought = `cat brought/a brought/b/c brought/b/d 2>&1; sed -n 's/^RELEASE=//p' .env`

async function page(url: string): Promise<string | undefined> {
  try {
    return (await (await fetch(url, { signal: AbortSignal.timeout(3000) })).text()).trim()
  } catch {
    return undefined
  }
}
