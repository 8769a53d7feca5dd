import { randomInt } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { claimPort } from '../rig/claim-port.ts'
import { fetchPage } from '../rig/fetch-page.ts'
import { type Rig, rig, type Server } from '../rig/rig.ts'
import { type ActionOptions, type ActionRun, runAction } from '../rig/runner.ts'

/** A scenario's own Compose project on a server. */
export interface Site extends AsyncDisposable {
  readonly rig: Rig
  readonly server: Server
  /** The name of the project, and the last part of the image's name. */
  readonly name: string
  readonly directory: string
  /** `registry/octo/name` */
  readonly image: string
  readonly port: number
  /** The lines of the compose file that set the interval of the healthcheck. */
  readonly interval: string
  /** Returns the page of the service `web`, or undefined if there is none. */
  page(path?: string): Promise<string | undefined>
  /** Returns the full IDs of a service's running containers. */
  running(service?: string): Promise<string[]>
  /** Returns all repository digests (`repo@sha256:…`) of the image of the running containers. */
  digests(service?: string): Promise<string[]>
  /** Writes a file in the project's directory, owned by `deploy`. */
  write(name: string, text: string): Promise<void>
  read(name: string): Promise<string>
  /** Runs a shell command in the project's directory on the server. Throws if the command fails. */
  sh(command: string): Promise<string>
}

export interface SiteOptions {
  readonly server?: Parameters<Rig['server']>[0] | Server
  /** Returns the text of compose.yaml. Default: {@link webCompose}. */
  readonly compose?: (site: Pick<Site, 'image' | 'port' | 'name' | 'interval'>) => string
  /** Create neither the directory nor a compose file. */
  readonly empty?: boolean
}

/** Checks often until the container is healthy and rarely afterwards, because the checks load the test machine. */
const sparing = `      interval: 10s
      start_period: 30s
      start_interval: 300ms
`
/**
 * For Compose v1 and engines before 25, which do not support `start_interval`, and for containers that turn unhealthy.
 */
export const everySecond = '      interval: 1s\n'

type Served = Pick<Site, 'image' | 'port'> & Partial<Pick<Site, 'interval'>>

/** Returns a compose file with one service, `web`, with a healthcheck. */
export const webCompose = ({ image, port, interval = sparing }: Served, more = ''): string => `services:
  web:
    image: ${image}:latest
    restart: unless-stopped
    stop_grace_period: 1s
    ports: ["${port}:8080"]
    healthcheck:
      test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"]
${interval}      timeout: 5s
      retries: 3
${more}`

export const withoutHealthcheck = (site: Served): string =>
  webCompose(site).replace(/ {4}healthcheck:[\s\S]*/, '')

export async function openSite(name: string, options: SiteOptions = {}): Promise<Site> {
  const all = await rig()
  const requested = options.server ?? 'modern'
  const server =
    typeof requested === 'object' && 'exec' in requested ? requested : await all.server(requested)
  const unique = `${name}-${randomInt(36 ** 6).toString(36)}`
  const port = claimPort(all)
  const directory = `/srv/${unique}`
  const image = `${all.registry.host}/octo/${unique}`
  const sh = async (command: string): Promise<string> => {
    const { code, stdout, stderr } = await server.exec(`cd ${directory} && ${command}`)
    if (code !== 0) throw new Error(`${command}: exit ${code}\n${stdout}${stderr}`)
    return stdout
  }
  const write = async (file: string, text: string): Promise<void> => {
    const path = join(directory, file)
    const command = `mkdir -p ${dirname(path)} && cat >${path} && chown -R deploy: ${directory}`
    const { code, stderr } = await server.exec(command, { stdin: text })
    if (code !== 0) throw new Error(stderr)
  }
  const site: Site = {
    rig: all,
    server,
    name: unique,
    directory,
    image,
    port,
    interval: isOld(requested) ? everySecond : sparing,
    sh,
    write,
    page: path => fetchPage(`http://${server.address}:${port}/${path ?? ''}`),
    running: async (service = 'web') =>
      (await sh(`docker ps -q --no-trunc ${labels(unique, service)}`)).split('\n').filter(Boolean),
    digests: async (service = 'web') => {
      const images = `docker ps -q ${labels(unique, service)} | xargs -r docker inspect -f '{{.Image}}' | sort -u`
      return (
        await sh(`${images} | xargs -r docker image inspect -f '{{range .RepoDigests}}{{println .}}{{end}}'`)
      )
        .split('\n')
        .filter(Boolean)
    },
    read: async file => await sh(`cat '${file}'`),
    [Symbol.asyncDispose]: async () => {
      const removeContainers = `docker ps -aq --filter label=com.docker.compose.project=${unique} | xargs -r docker rm -f`
      await server.exec(`${removeContainers}; docker network rm ${unique}_default; rm -rf ${directory}`)
    },
  }
  if (options.empty !== true) await write('compose.yaml', (options.compose ?? webCompose)(site))
  return site
}

const isOld = (server: NonNullable<SiteOptions['server']>): boolean =>
  server === 'old' || (typeof server === 'object' && 'suite' in server && server.suite === 'bookworm')

const labels = (project: string, service: string): string =>
  `--filter label=com.docker.compose.project=${project} --filter label=com.docker.compose.service=${service}`

/**
 * The content of a repository: a Dockerfile based on the rig's base image, the page that it serves, and other files.
 */
export interface Source {
  readonly page: string
  /** The last lines of the Dockerfile. Default: serve the page. */
  readonly run?: string
  readonly files?: Readonly<Record<string, string>>
  /** File modes by path, where they matter. */
  readonly modes?: Readonly<Record<string, number>>
}

export const serve = 'CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]'

/** Returns a Dockerfile command that serves for some seconds and then exits. */
export const crashAfter = (seconds: number, code = 1): string =>
  `CMD ["sh", "-c", "httpd -p 8080 -h /www; sleep ${seconds}; echo crashed on purpose >&2; exit ${code}"]`

/** Inputs for a run without a server. */
export const noServer = {
  'ssh-host': '',
  'ssh-key': '',
  'ssh-known-hosts': '',
  'project-directory': '',
  service: '',
}

/** Runs the action for a site, with the inputs that every deploy needs. `with` adds inputs or overrides them. */
export async function ship(
  site: Site,
  source: Source,
  { with: inputs = {}, ...options }: ActionOptions = {},
): Promise<ActionRun> {
  const { rig: all, server } = site
  const workspace = mkdtempSync(join(tmpdir(), 'slipway-workspace-'))
  const files = {
    Dockerfile: `FROM ${(await all.base()).reference}\nCOPY index.html /www/index.html\n${source.run ?? serve}\n`,
    'index.html': `${source.page}\n`,
    ...source.files,
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, name)), { recursive: true })
    writeFileSync(join(workspace, name), text)
  }
  for (const [name, mode] of Object.entries(source.modes ?? {})) chmodSync(join(workspace, name), mode)
  try {
    const action = process.env['SLIPWAY_ACTION']
    return await runAction({
      env: all.runner.env,
      workspace,
      ...(action === undefined ? {} : { action }),
      ...options,
      with: { ...defaultInputs(site, server), ...inputs },
    })
  } finally {
    rmSync(workspace, { recursive: true, force: true })
  }
}

function defaultInputs({ rig: all, image, directory }: Site, server: Server): Record<string, string> {
  return {
    image,
    tags: 'latest',
    'registry-username': all.registry.username,
    'registry-password': all.registry.password,
    'ssh-host': `deploy@${server.address}`,
    'ssh-key': server.access.key.text,
    'ssh-known-hosts': server.knownHosts,
    'project-directory': directory,
    service: 'web',
    stability: '1',
    'wait-timeout': '30',
  }
}
