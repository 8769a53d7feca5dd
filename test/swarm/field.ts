import { randomInt } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Rig, rig, type Swarm } from '../rig/rig.ts'
import { nodeNames } from '../rig/swarm.ts'
import { until } from '../rig/until.ts'
import { type Images, imagesOf, type Kind } from './images.ts'

/** The swarm with its images, and the services that scenarios have on it. */
export interface Field {
  readonly all: Rig
  readonly swarm: Swarm
  readonly images: Images
  /** A name that nobody else has, and its project directory on the first manager. */
  open(name: string): Promise<Ground>
}

/** Where one scenario plays: a name for its service or stack, a directory, a port. */
export interface Ground extends AsyncDisposable {
  readonly field: Field
  readonly name: string
  readonly directory: string
  readonly port: number
  /** Creates a service (`NAME`) of a kind, by hand, and waits until all its containers serve. */
  create(kind: Kind, flags: readonly string[], expected?: readonly string[]): Promise<void>
  /** Runs sh in the project directory on the first manager, as root. */
  sh(command: string, options?: { readonly fails?: boolean }): Promise<string>
  write(file: string, text: string): Promise<void>
}

export async function openField(): Promise<Field> {
  const all = await rig()
  const [swarm, images] = await Promise.all([all.swarm(), imagesOf(all)])
  const { host, username, password } = all.registry
  const { exec } = swarm.node('manager1')
  const login = await exec(`docker login ${host} -u ${username} --password-stdin`, { stdin: password })
  if (login.code !== 0) throw new Error(login.stderr)
  const field: Field = { all, swarm, images, open: name => openGround(field, name) }
  return field
}

const unique = (): string => randomInt(36 ** 6).toString(36)

async function openGround(field: Field, kind: string): Promise<Ground> {
  const { swarm, images } = field
  const name = `${kind}-${unique()}`
  const directory = `/srv/${name}`
  const sh: Ground['sh'] = async (command, { fails = false } = {}) => {
    const manager = swarm.node('manager1')
    const { code, stdout, stderr } = await manager.exec(`cd ${directory} && ${command}`)
    if (code !== 0 && !fails) throw new Error(`${command}: exit ${code}\n${stdout}${stderr}`)
    return `${stdout}${fails ? stderr : ''}`.trim()
  }
  await swarm.node('manager1').exec(`mkdir -p ${directory} && chown deploy: ${directory}`)
  return {
    field,
    name,
    directory,
    port: claimPort(field.all),
    sh,
    create: async (kind, flags, expected) => {
      const { repository } = images
      await sh(
        `docker service create -d -q --with-registry-auth --stop-grace-period 1s --name ${name} ${flags.join(' ')} ${repository}:${kind}`,
      )
      if (expected !== undefined) await serves(swarm, name, expected)
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

/** Scenarios run side by side: a port belongs to whoever made its directory. */
function claimPort({ place }: Rig): number {
  const port = randomInt(20_000, 32_000)
  try {
    mkdirSync(join(place.run, 'ports'), { recursive: true })
    mkdirSync(join(place.run, 'ports', String(port)))
    return port
  } catch {
    return claimPort({ place } as Rig)
  }
}

/** A container of a service that runs: the page in it, and its ID. */
export interface Container {
  readonly node: string
  readonly id: string
  readonly page: string
}

/** The truth: what stands in each running container of a service, whatever a manager may say of it. */
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

/** Waits until just these pages are served, in as many containers. */
export async function serves(
  swarm: Swarm,
  service: string,
  expected: readonly string[],
  milliseconds = 60_000,
): Promise<void> {
  const wanted = expected.toSorted().join()
  await until(
    async () => (await pagesOf(swarm, service)).join() === wanted || undefined,
    async () =>
      `${service} serves ${(await pagesOf(swarm, service)).join() || 'nothing'} instead of ${wanted}:\n${await swarm.docker('service', 'ps', '--no-trunc', service)}`,
    milliseconds,
  )
}
