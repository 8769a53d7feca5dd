import { lastLines, type Problem } from '../../core/errors.ts'
import type { Answer } from './answer.ts'
import type { Login } from './facts.ts'

/** The fields that the probe asks of `docker info`. */
export interface Engine {
  readonly version: string
  readonly os: string
  /** As the kernel says: `x86_64`, `aarch64`, `armv7l`. */
  readonly architecture: string
  readonly root: string
  readonly driver: readonly (readonly string[])[] | null
}

export function noEngine(answer: Answer, { user }: Login): Problem {
  const [client, name = ''] = answer.lines('client')
  const said = answer.text('direct.error')
  if (client === undefined) return noDocker
  if (/podman/i.test(name)) return podman(name)
  if (/permission denied/i.test(said)) return forbidden(user, said)
  if (answer.text('direct.code') === '124') return hangingEngine
  return {
    cause: `No docker engine answers \`${user}\` on the server.`,
    remedy:
      'Start it there (`sudo systemctl enable --now docker`); for a rootless engine, check that it runs as this user.',
    output: lastLines(said),
  }
}

const noDocker: Problem = {
  cause:
    'There is no docker on the server: neither on the PATH of the login, nor in /usr/local/bin, /usr/bin, /snap/bin, ~/bin or ~/.local/bin.',
  remedy: 'Install Docker Engine there: https://docs.docker.com/engine/install/',
}

const hangingEngine: Problem = {
  cause: 'The docker engine on the server takes a question and does not answer it: it hangs.',
  remedy: 'Restart it there: `sudo systemctl restart docker`.',
}

const podman = (name: string): Problem => ({
  cause: `\`docker\` on the server is Podman (\`${name}\`), whose Compose does not keep what a deploy relies on.`,
  remedy: 'Install Docker Engine there: https://docs.docker.com/engine/install/',
})

const forbidden = (user: string, said: string): Problem => ({
  cause: `\`${user}\` may not use docker on the server, and \`sudo -n docker\` does not work either.`,
  remedy: `Run \`sudo usermod -aG docker ${user}\` there; it holds from the next login on.`,
  output: lastLines(said),
})

export const windowsEngine = ({ os }: Engine): Problem => ({
  cause: `The docker engine on the server runs ${os} containers.`,
  remedy: 'Deploy to an engine that runs Linux containers.',
})

export function noCompose(answer: Answer, { version }: Engine, { user }: Login): Problem {
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
  cause: `\`${words} version\` did not end within 20 s on the server.`,
  remedy: 'See what keeps it busy (`uptime`, `free`): a deploy there would fail half-way.',
})

const forbiddenCompose = (user: string, words: string): Problem => ({
  cause: `\`${user}\` uses docker by \`sudo -n\` on the server, and \`${words}\` does not work.`,
  remedy: `Allow it in /etc/sudoers.d beside docker, or run \`sudo usermod -aG docker ${user}\` there.`,
})
