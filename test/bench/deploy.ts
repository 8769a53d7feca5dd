import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rig } from '../rig/rig.ts'
import { runAction } from '../rig/runner.ts'
import { openSite, type Site } from '../scenario/site.ts'
import { action } from './action.ts'
import { openRepository, type Repository, shellOf } from './bare.ts'
import { type Outage, poll } from './poller.ts'
import { inTurn, spread, table } from './samples.ts'

const platforms = 'linux/amd64,linux/arm64'

/** One way to get a change from the repository to the visitor. */
interface Way {
  readonly name: string
  readonly ship: () => Promise<number>
}

/** From a changed page to the visitor, and what the visitor met meanwhile: by hand, by the seed's script, by the action. */
export async function deploy(): Promise<string> {
  const all = await rig()
  await all.emulator()
  const repository = await openRepository(all)
  await using site = await openSite('bench')
  try {
    const ways = await waysOf(site, repository)
    const met = new Map<string, Met>(ways.map(({ name }) => [name, { served: [], failed: [], gaps: [] }]))
    const subjects = ways.map(way => ({ name: way.name, once: () => watched(way, site, repository, met) }))
    const taken = await inTurn(subjects, 5, 60)
    return table([
      [
        'From change to server',
        'Until it is served',
        'Until the command ends',
        'Longest gap',
        'Failed requests',
      ],
      ...[...met].map(([name, { served, gaps, failed }]) => [
        name,
        spread(served.slice(1), 0, ' ms'),
        spread(taken.get(name) ?? [], 0, ' ms'),
        spread(gaps.slice(1), 0, ' ms'),
        spread(failed.slice(1), 0),
      ]),
    ])
  } finally {
    repository.remove()
  }
}

interface Met {
  readonly served: number[]
  readonly gaps: number[]
  readonly failed: number[]
}

/** Ships a change while a visitor asks; gives the milliseconds until the command has ended. */
async function watched(way: Way, site: Site, repository: Repository, met: ReadonlyMap<string, Met>) {
  const page = repository.change()
  const visitor = poll(site.server.address, site.port)
  const seen = visitor.seen(page)
  const took = await way.ship()
  met.get(way.name)?.served.push(await seen)
  const outage: Outage = await visitor.stop()
  met.get(way.name)?.gaps.push(outage.gap)
  met.get(way.name)?.failed.push(outage.failed)
  return took
}

async function waysOf(site: Site, repository: Repository): Promise<Way[]> {
  const { rig: all, server, image, directory } = site
  const { registry } = all
  const shell = shellOf(all, all.runner)
  const login = `docker login ${registry.host} --username ${registry.username} --password-stdin`
  await site.sh(`su deploy -c '${login}' <<'E'\n${registry.password}\nE`)
  const known = join(repository.directory, '.known_hosts')
  writeFileSync(known, `${server.knownHosts}\n`)
  const ssh = `ssh -i ${server.access.key.file} -o IdentitiesOnly=yes -o UserKnownHostsFile=${known} deploy@${server.address}`
  const build = `docker buildx build --push --platform ${platforms} --tag ${image}:latest ${repository.directory}`
  const typed = (commands: string) => () => shell(`${build}\n${ssh} 'cd ${directory} && ${commands}'`)
  return [
    {
      name: 'by hand: build, ssh, pull, up',
      ship: typed('docker compose pull web && docker compose up -d web'),
    },
    {
      name: "the seed's script: build, ssh, stop, rm, rmi, up",
      ship: typed(
        `docker compose stop web; docker compose rm -f web; docker image rm ${image}:latest; docker compose up -d web`,
      ),
    },
    { name: 'the action', ship: () => step(site, repository) },
  ]
}

async function step({ rig: all, server, image, directory }: Site, repository: Repository): Promise<number> {
  const run = await runAction({
    action,
    env: all.runner.env,
    workspace: repository.directory,
    with: {
      image,
      tags: 'latest',
      platforms,
      'registry-username': all.registry.username,
      'registry-password': all.registry.password,
      'ssh-host': `deploy@${server.address}`,
      'ssh-key': server.access.key.text,
      'ssh-known-hosts': server.knownHosts,
      'project-directory': directory,
      service: 'web',
    },
  })
  if (run.conclusion !== 'success') throw new Error(run.log)
  return run.durations.main
}
