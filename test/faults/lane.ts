import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fetchPage } from '../rig/fetch-page.ts'
import type { Rig, Server, ServerOptions } from '../rig/rig.ts'
import { type ActionOptions, type ActionRun, runAction } from '../rig/runner.ts'
import type { Version } from './images.ts'
import {
  composeFiles,
  inputsOf,
  type ProjectOptions,
  readPages,
  servicesOf,
  settingsOf,
  writePayload,
} from './project.ts'
import { openRelay, type Relay } from './relay.ts'

/**
 * One of several parallel test environments: a server with one project, a relay for its sshd, and one for the registry.
 */
export interface Lane extends AsyncDisposable {
  readonly options: LaneOptions
  /** Replaced by a new object after a {@link reboot}. */
  readonly server: Server
  readonly directory: string
  /** The directory in which the transaction keeps its state. */
  readonly state: string
  readonly ssh: Relay
  readonly registry: Relay
  /** Returns the path on this machine of a path on the server. Valid while the server is up. */
  hostPath(path: string): string
  /** Returns the page that the services serve (all pages, if they differ), or undefined if one does not respond. */
  page(): Promise<string | undefined>
  /** Returns the pages of the releases that the uploaded files belong to: several if releases are mixed. */
  payloadPages(): Promise<readonly string[]>
  /** Runs a shell command as root in the project's directory. Throws if it fails. */
  sh(command: string): Promise<string>
  /** Deploys a pushed version. `options.runId` should be unique. */
  deploy(version: Version, options?: DeployOptions): Promise<ActionRun>
  /** Writes the compose file. */
  compose(text: string): Promise<void>
  /** Writes a file in the project's directory. */
  write(name: string, text: string): Promise<void>
  reboot(): Promise<void>
}

export interface LaneOptions extends ProjectOptions {
  readonly server?: ServerOptions
  /** `octo/name`, in the rig's registry. */
  readonly repository: string
  /** The image of services that are not deployed. Default: the rig's base image. */
  readonly base?: string
  /** Mount a file system of 4 MB as the project's directory. */
  readonly small?: boolean
}

export interface DeployOptions extends ActionOptions {
  readonly user?: 'deploy' | 'second'
  readonly runId?: string
  /** The run number. A run with a lower number than the deployed one is superseded. */
  readonly number?: number
}

/** The name of every lane's project: each lane has its own server. */
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
    hostPath: path => `/proc/${server.machine.first.pid}/root${path}`,
    page: () => pages(server, options),
    sh,
    payloadPages: async () => [...new Set((await sh(readPages(options))).split('\n').filter(Boolean))],
    deploy: (version, more = {}) => deploy(all, lane, version, more),
    compose: text => lane.write('compose.yaml', text),
    write: async (name, text) =>
      void (await sh(
        `umask 2; mkdir -p "$(dirname ${name})" && cat >${name} <<'END'\n${text}END\nchown -R deploy:docker .`,
      )),
    reboot: async () => {
      server = await server.reboot()
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([ssh[Symbol.asyncDispose](), registry[Symbol.asyncDispose](), server.remove()])
    },
  }
  await server.exec(prepare(directory, options))
  const files = composeFiles(imageOf(all, lane), options, options.base ?? (await all.base()).reference)
  for (const [name, text] of Object.entries(files)) await lane.write(name, text)
  return lane
}

/** Returns the commands that create the project's directory, writable by every user who may use docker. */
const prepare = (directory: string, options: LaneOptions): string => `mkdir -p ${directory}
${options.small === true ? `mount -t tmpfs -o size=4m tmpfs ${directory}` : ''}
${settingsOf(options)
  .map(line => `echo ${line} >>${directory}/.env; chmod 660 ${directory}/.env`)
  .join('\n')}
chown -R deploy:docker ${directory} && chmod 2775 ${directory}`

export const imageOf = (all: Rig, { registry, options }: Pick<Lane, 'registry' | 'options'>): string =>
  `${all.place.network}.1:${registry.port}/${options.repository}`

async function deploy(
  all: Rig,
  lane: Lane,
  { digest, page }: Version,
  { user = 'deploy', runId = '1', number = 1, with: inputs = {}, ...more }: DeployOptions,
): Promise<ActionRun> {
  const { server, ssh, directory, options } = lane
  const address = `${all.place.network}.1`
  const workspace = mkdtempSync(join(tmpdir(), 'slipway-workspace-'))
  writePayload(workspace, page, runId, options)
  if (options.composed === true) {
    const { reference } = await all.base()
    for (const [name, text] of Object.entries(composeFiles(imageOf(all, lane), options, reference, page))) {
      mkdirSync(dirname(join(workspace, name)), { recursive: true })
      writeFileSync(join(workspace, name), text)
    }
  }
  const action = process.env['SLIPWAY_ACTION']
  try {
    return await runAction({
      env: all.runner.env,
      workspace,
      github: { run_id: runId, run_number: String(number) },
      ...(action === undefined ? {} : { action }),
      ...more,
      with: {
        build: false,
        'registry-username': all.registry.username,
        'registry-password': all.registry.password,
        'ssh-host': `${user}@${address}:${ssh.port}`,
        'ssh-key': server.access.key.text,
        'ssh-known-hosts': server.knownHosts.replaceAll(server.address, `[${address}]:${ssh.port}`),
        'project-directory': directory,
        env: `RELEASE=${page}`,
        stability: 1,
        'wait-timeout': 20,
        ...inputsOf(options, { image: imageOf(all, lane), digest, page }),
        ...inputs,
      },
    })
  } finally {
    rmSync(workspace, { recursive: true, force: true })
  }
}

async function pages({ address }: Server, options: ProjectOptions): Promise<string | undefined> {
  const ports = Object.values(servicesOf(options))
  const answers = await Promise.all(ports.map(port => fetchPage(`http://${address}:${port}/`)))
  return answers.includes(undefined) ? undefined : [...new Set(answers)].join(' and ')
}
