import type { Run } from '../../core/command.ts'
import { lastLines, type Problem } from '../../core/errors.ts'
import { normalizePlatform } from '../../image/platform.ts'
import { type Answer, ask, isProblem } from './answer.ts'
import type { Login, ServerCommand, Tools } from './facts.ts'
import leftoversScript from './leftovers.sh'
import probeScript from './probe.sh'
import {
  invalidAnswer,
  line,
  listOf,
  matching,
  optional,
  readObjects,
  readText,
  type Shape,
} from './shape.ts'

/** The timeout leaves room for a dead engine: the script waits for its own limit with each way to reach it. */
const question = { script: leftoversScript + probeScript, args: [], timeout: 150_000 }

/** Finds docker, Compose and the other tools that the transaction needs on the server, in one round trip. */
export async function findTools(run: Run, needs: Needed = { compose: true }): Promise<Tools | Problem[]> {
  const answer = await ask(run, question)
  return isProblem(answer) ? [answer] : parseTools(answer, needs)
}

/** A Swarm does not need Compose. */
interface Needed {
  readonly compose: boolean
}

/** Reports whether Compose is v1 (in Python), whose `config` prints YAML and whose container names have underscores. */
export const isV1 = ({ composeVersion }: Pick<Tools, 'composeVersion'>): boolean =>
  composeVersion.startsWith('1.')

/** Parses the answer of probe.sh. */
export function parseTools(answer: Answer, needs: Needed = { compose: true }): Tools | Problem[] {
  const login = parseLogin(answer)
  if (!answer.has('docker')) return [noEngine(answer, login)]
  const [engine] = readObjects(answer, 'engine', engineShape)
  if (engine === undefined) throw invalidAnswer('engine', '')
  if (engine.os !== 'linux') return [windowsEngine(engine)]
  const compose = chooseCompose(answer) ?? (needs.compose ? undefined : noComposeAtAll)
  return compose === undefined ? [noCompose(answer, engine, login)] : toolsOf(answer, login, engine, compose)
}

const word = matching(/^[\w.+~-]*$/)

const engineShape: Shape<Engine> = {
  version: word,
  os: word,
  architecture: word,
  root: line,
  swarm: optional(word),
  driver: optional(listOf(listOf(line))),
}

const noComposeAtAll: Compose = { compose: [], composeVersion: '' }

type Compose = Pick<Tools, 'compose' | 'composeVersion'>

function toolsOf(answer: Answer, login: Login, engine: Engine, compose: Compose): Tools {
  const free = answer.lines('free').map(kilobytes => Number(kilobytes) * 1024)
  const store = engine.driver?.some(([, value]) => value === 'io.containerd.snapshotter.v1')
  return {
    docker: answer.lines('docker'),
    engineVersion: engine.version,
    ...compose,
    platform: normalizePlatform(`linux/${engine.architecture}`),
    endpoint: readText(answer, 'endpoint', line),
    swarm: engine.swarm === 'active',
    imageStore: store === true ? 'containerd' : 'classic',
    dockerRoot: engine.root,
    freeBytes: free.length === 0 ? undefined : Math.min(...free),
    os: readText(answer, 'os', line),
    login,
    has: commands(answer),
    killsLeftovers: killsLeftovers(answer, login.user),
    escape: answer.has('escape') ? answer.lines('escape') : undefined,
  }
}

const parseLogin = (answer: Answer): Login => ({
  user: readText(answer, 'user', line),
  uid: Number(answer.text('uid')),
  groups: answer.lines('groups'),
  home: readText(answer, 'home', line),
  shell: readText(answer, 'shell', line),
})

function commands(answer: Answer): Record<ServerCommand, boolean> {
  const found = answer.sections.filter(({ name }) => name === 'has').flatMap(({ lines }) => lines)
  const has = (command: ServerCommand) => found.includes(command)
  return { flock: has('flock'), setsid: has('setsid'), nohup: has('nohup'), timeout: has('timeout') }
}

/** Returns the first v2, else the first v1; the name of the program says nothing. The probe tries the plugin first. */
function chooseCompose({ sections }: Answer): Compose | undefined {
  const found = sections.flatMap((section, index) =>
    section.name === 'compose'
      ? [{ words: section.lines, version: sections[index + 1]?.lines[0] ?? '' }]
      : [],
  )
  const versions = found.map(({ words, version }) => ({
    compose: words,
    composeVersion: /\d+\.\d+\.\d+/.exec(version)?.[0] ?? version,
  }))
  return versions.find(({ composeVersion }) => !composeVersion.startsWith('1.')) ?? versions[0]
}

/**
 * Reports whether `KillUserProcesses` applies to the user: two lists include and exclude users (logind.conf(5)). busctl
 * prints them as `as 2 "root" "deploy"`.
 */
function killsLeftovers(answer: Answer, user: string): boolean {
  const only = answer.text('kill.only')
  const names = (list: string) => [...list.matchAll(/"([^"]*)"/g)].map(([, name]) => name)
  const isListed = names(only).length === 0 || names(only).includes(user)
  return answer.has('kill.only') && isListed && !names(answer.text('kill.exclude')).includes(user)
}

/** The fields of `docker info` that the probe prints. */
interface Engine {
  readonly version: string
  readonly os: string
  /** The kernel's name: `x86_64`, `aarch64`, `armv7l`. */
  readonly architecture: string
  readonly root: string
  readonly swarm?: string
  readonly driver: readonly (readonly string[])[] | null
}

function noEngine(answer: Answer, { user }: Login): Problem {
  const [client, name = ''] = answer.lines('client')
  const said = answer.text('direct.error')
  if (client === undefined) return noDocker
  if (/podman/i.test(name)) return podman(name)
  if (/permission denied/i.test(said)) return forbidden(user, said)
  if (answer.text('direct.code') === '124') return hangingEngine
  return {
    cause: `No Docker engine answers \`${user}\` on the server.`,
    remedy:
      'Start it there (`sudo systemctl enable --now docker`). For a rootless engine, check that it runs as this user.',
    output: lastLines(said),
  }
}

const noDocker: Problem = {
  cause:
    'There is no docker on the server, neither in the PATH of the login nor in /usr/local/bin, /usr/bin, /snap/bin, ~/bin or ~/.local/bin.',
  remedy: 'Install Docker Engine there: https://docs.docker.com/engine/install/',
}

const hangingEngine: Problem = {
  cause: 'The Docker engine on the server hangs: it does not answer.',
  remedy: 'Restart it there: `sudo systemctl restart docker`.',
}

const podman = (name: string): Problem => ({
  cause: `\`docker\` on the server is Podman (\`${name}\`), whose Compose lacks features that a deploy relies on.`,
  remedy: 'Install Docker Engine there: https://docs.docker.com/engine/install/',
})

const forbidden = (user: string, said: string): Problem => ({
  cause: `\`${user}\` may not use docker on the server, and \`sudo -n docker\` does not work either.`,
  remedy: `Run \`sudo usermod -aG docker ${user}\` there; it takes effect at the next login.`,
  output: lastLines(said),
})

const windowsEngine = ({ os }: Engine): Problem => ({
  cause: `The docker engine on the server runs ${os} containers.`,
  remedy: 'Deploy to an engine that runs Linux containers.',
})

function noCompose(answer: Answer, { version }: Engine, { user }: Login): Problem {
  const refused = answer.sections
    .filter(({ name }) => name === 'compose.refused')
    .flatMap(({ lines }) => lines)
  const bySudo = refused.find(words => words.startsWith('sudo '))
  if (answer.has('compose.slow')) return slowCompose(answer.text('compose.slow'))
  if (bySudo !== undefined) return forbiddenCompose(user, bySudo)
  return {
    cause: `There is docker ${version} on the server, but no Compose: neither \`docker compose\` nor \`docker-compose\`.`,
    remedy:
      'Install its plugin there: `sudo apt-get install docker-compose-plugin` (Docker’s packages), `docker-compose-v2` (Ubuntu’s) or `docker-compose` (Debian’s).',
  }
}

const slowCompose = (words: string): Problem => ({
  cause: `\`${words} version\` did not finish within 20 s on the server.`,
  remedy: 'Find out what keeps the server busy (`uptime`, `free`): a deploy there would fail half-way.',
})

const forbiddenCompose = (user: string, words: string): Problem => ({
  cause: `\`${user}\` runs docker with \`sudo -n\` on the server, but \`${words}\` does not work.`,
  remedy: `Allow it in /etc/sudoers.d next to docker, or run \`sudo usermod -aG docker ${user}\` there.`,
})
