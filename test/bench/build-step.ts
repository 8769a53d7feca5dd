import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Rig, type RunnerDocker, rig } from '../rig/rig.ts'
import { runAction } from '../rig/runner.ts'
import { action } from './action.ts'
import { openRepository, type Repository, shellOf } from './bare.ts'
import { inTurn, quantile, ratios, spread, table } from './samples.ts'

const platforms = 'linux/amd64,linux/arm64'

/** A builder, and the number of rounds. */
interface Case {
  readonly name: string
  readonly runner: RunnerDocker
  readonly rounds: number
  /** The action's inputs for the builder. */
  readonly with: Readonly<Record<string, string>>
  /** Returns the bare commands, including the build command that `build` returns for a builder. */
  readonly bare: (build: (builder: string) => string) => string
  /** Include the duration of the post step, which removes the builder. */
  readonly withPost?: boolean
}

/** Compares the whole build step with the bare commands on the same engine. */
export async function buildStep(): Promise<string> {
  const all = await rig()
  await all.emulator()
  const classic = await all.runnerDocker('classic')
  const { driverOpts, config } = await all.buildkit()
  const options = driverOpts.map(option => `--driver-opt ${option}`).join(' ')
  const container = { 'driver-opts': driverOpts.join('\n'), 'buildkitd-config-inline': config }
  const booted = `bench-${randomBytes(3).toString('hex')}`
  const repository = await openRepository(all)
  const configFile = join(repository.directory, '.buildkitd.toml')
  writeFileSync(configFile, config)
  const shell = shellOf(all, classic)
  const create = (name: string) =>
    `docker buildx create --bootstrap --driver docker-container --name ${name} ${options} --buildkitd-config ${configFile}\n`
  const cases: readonly Case[] = [
    {
      name: "the engine's own builder",
      runner: all.runner,
      rounds: 12,
      with: {},
      bare: build => build('default'),
    },
    {
      name: 'a container builder that is already running',
      runner: classic,
      rounds: 10,
      with: { builder: booted },
      bare: build => build(booted),
    },
    {
      name: 'a container builder, from creation to removal',
      runner: classic,
      rounds: 4,
      with: container,
      bare: build => `${create(`${booted}-bare`)}${build(`${booted}-bare`)}\ndocker buildx rm ${booted}-bare`,
      withPost: true,
    },
  ]
  await shell(create(booted))
  try {
    const rows: string[][] = []
    for (const each of cases) rows.push(...(await compare(all, each, repository)))
    return table([['Builder', '', 'Bare commands', 'The action', 'Ratio'], ...rows])
  } finally {
    await shell(`docker buildx rm ${booted}`)
    repository.remove()
  }
}

async function compare(all: Rig, each: Case, repository: Repository): Promise<string[][]> {
  const image = `${all.registry.host}/octo/bench`
  const shell = shellOf(all, each.runner)
  const build = (builder: string) =>
    `docker buildx build --builder ${builder} --push --platform ${platforms} --tag ${image}:bare ${repository.directory}`
  const bare = () => shell(each.bare(build))
  const own = () => step(all, each, image, repository)
  const subjects = [
    { name: 'bare', once: bare },
    { name: 'action', once: own },
  ]
  // Changes the page before each of them, so that both have to build it.
  const uncached = subjects.map(({ name, once }) => ({ name, once: () => changed(repository, once) }))
  // A new builder has an empty cache.
  const kinds =
    each.withPost === true
      ? [['uncached', uncached] as const]
      : ([
          ['cached', subjects],
          ['uncached', uncached],
        ] as const)
  const rows: string[][] = []
  for (const [kind, measured] of kinds) {
    const taken = await inTurn(measured, each.rounds, 25)
    const [base = [], samples = []] = [taken.get('bare'), taken.get('action')]
    const fastest = quantile(samples, 0.1) / quantile(base, 0.1)
    rows.push([
      each.name,
      kind,
      spread(base, 0, ' ms'),
      spread(samples, 0, ' ms'),
      `${spread(ratios(samples, base), 2)}, of the fastest ${fastest.toFixed(2)}`,
    ])
  }
  return rows
}

function changed({ change }: Repository, once: () => Promise<number>): Promise<number> {
  change()
  return once()
}

/** Runs a workflow step that logs in, builds and pushes. Returns its duration in milliseconds. */
async function step(
  all: Rig,
  { with: inputs, runner, withPost }: Case,
  image: string,
  repository: Repository,
) {
  const { registry } = all
  const run = await runAction({
    action,
    env: runner.env,
    workspace: repository.directory,
    with: {
      image,
      tags: 'latest',
      platforms,
      'registry-username': registry.username,
      'registry-password': registry.password,
      ...inputs,
    },
  })
  if (run.conclusion !== 'success') throw new Error(run.log)
  return run.durations.main + (withPost === true ? run.durations.post : 0)
}
