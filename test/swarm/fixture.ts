import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { claimPort } from '../rig/claim-port.ts'
import { type Rig, rig, type Swarm } from '../rig/rig.ts'
import { nodeNames } from '../rig/swarm.ts'
import { until } from '../rig/until.ts'
import { type Images, imagesOf, type Release } from './images.ts'

/** The swarm that the tests share, with the images of the releases. */
export interface Fixture {
  readonly all: Rig
  readonly swarm: Swarm
  readonly images: Images
  /** Creates a project with a unique name, and its directory on the first manager. */
  open(name: string): Promise<Project>
}

/** The project of one test: a name for its service or stack, a directory, a port. */
export interface Project extends AsyncDisposable {
  readonly fixture: Fixture
  readonly name: string
  readonly directory: string
  readonly port: number
  /**
   * Creates a service with the project's name by hand. Waits until its containers serve the `expected` pages, if given.
   */
  create(release: Release, flags: readonly string[], expected?: readonly string[]): Promise<void>
  /** Runs sh as root in the project's directory on the first manager. Throws if it fails, unless `fails` is set. */
  sh(command: string, options?: { readonly fails?: boolean }): Promise<string>
  write(file: string, text: string): Promise<void>
}

export async function openFixture(): Promise<Fixture> {
  const all = await rig()
  const [swarm, images] = await Promise.all([all.swarm(), imagesOf(all)])
  const { host, username, password } = all.registry
  const { exec } = swarm.node('manager1')
  const login = await exec(`docker login ${host} -u ${username} --password-stdin`, { stdin: password })
  if (login.code !== 0) throw new Error(login.stderr)
  const fixture: Fixture = { all, swarm, images, open: name => openProject(fixture, name) }
  return fixture
}

const unique = (): string => randomInt(36 ** 6).toString(36)

async function openProject(fixture: Fixture, prefix: string): Promise<Project> {
  const { swarm, images } = fixture
  const name = `${prefix}-${unique()}`
  const directory = `/srv/${name}`
  const sh: Project['sh'] = async (command, { fails = false } = {}) => {
    const manager = swarm.node('manager1')
    const { code, stdout, stderr } = await manager.exec(`cd ${directory} && ${command}`)
    if (code !== 0 && !fails) throw new Error(`${command}: exit ${code}\n${stdout}${stderr}`)
    return `${stdout}${fails ? stderr : ''}`.trim()
  }
  await swarm.node('manager1').exec(`mkdir -p ${directory} && chown deploy: ${directory}`)
  return {
    fixture,
    name,
    directory,
    port: claimPort(fixture.all),
    sh,
    create: async (release, flags, expected) => {
      const { repository } = images
      await sh(
        `docker service create -d -q --with-registry-auth --stop-grace-period 1s --name ${name} ${flags.join(' ')} ${repository}:${release}`,
      )
      if (expected !== undefined) await waitForPages(swarm, name, expected)
    },
    write: async (file, text) => {
      const path = join(directory, file)
      const { code, stderr } = await swarm
        .node('manager1')
        .exec(`cat >${path} && chown deploy: ${path}`, { stdin: text })
      if (code !== 0) throw new Error(stderr)
    },
    [Symbol.asyncDispose]: async () => {
      const { exec } = swarm.node('manager1')
      await exec(
        `docker stack rm ${name}; docker service rm ${name}; docker service ls -q -f label=com.docker.stack.namespace=${name} | xargs -r docker service rm; rm -rf ${directory}`,
      )
    },
  }
}

/** A running container of a service. */
export interface Container {
  readonly node: string
  readonly id: string
  readonly page: string
}

/** Returns the running containers of a service. Asks the nodes' engines directly, whatever a manager reports. */
export async function containersOf(swarm: Swarm, service: string): Promise<Container[]> {
  const script = `for id in $(docker ps -q --no-trunc -f label=com.docker.swarm.service.name=${service}); do
    echo "$id $(docker exec "$id" cat /www/index.html 2>/dev/null)"
  done`
  const seen = await Promise.all(
    nodeNames.map(async node => {
      const { stdout } = await swarm.node(node).exec(script, { timeout: 30_000 })
      return stdout.split('\n').flatMap(line => {
        const [id, page = ''] = line.split(' ')
        return id ? [{ node, id, page }] : []
      })
    }),
  )
  return seen.flat()
}

export const pagesOf = async (swarm: Swarm, service: string): Promise<string[]> =>
  (await containersOf(swarm, service)).map(({ page }) => page).sort()

/** Waits until a service has exactly one running container per expected page, with these pages. */
export async function waitForPages(
  swarm: Swarm,
  service: string,
  expected: readonly string[],
  milliseconds = 60_000,
): Promise<void> {
  const wanted = expected.toSorted().join()
  await until(
    async () => (await pagesOf(swarm, service)).join() === wanted || undefined,
    async () =>
      `${service} serves ${(await pagesOf(swarm, service)).join() || 'no page'} instead of ${wanted}:\n${await swarm.docker('service', 'ps', '--no-trunc', service)}`,
    milliseconds,
  )
}
