import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The options of a lane's project. */
export interface ProjectOptions {
  /** Seconds that its services take to stop, because they ignore SIGTERM. */
  readonly grace: number
  /** Add a second service with the same image. */
  readonly worker?: true
  /** Take the tag of the image from a variable in `.env`. */
  readonly variable?: true
  /** Add commands before and after the switch, a dependency, and an external check. The value is `check-on-lost`. */
  readonly around?: 'keep' | 'roll back'
  /** Upload the compose file as well, with a label that names its release. */
  readonly composed?: true
  /** Upload a file of 20 MB. */
  readonly large?: true
  /** With `composed`: a failing release changes a label of the network. */
  readonly network?: true
  /**
   * With `composed`: put the compose file into a subdirectory, with files that it uses in include, extends and
   * env_file.
   */
  readonly nested?: true
  /** Add a dead container of the service, and a container outside the project that has the service's labels. */
  readonly crowd?: true
  /** Add a one-off service with the same image that runs before the others, for a platform that `.env` sets. */
  readonly once?: true
  /** With `composed`: deploy the whole project, with a service of another image that changes with each release. */
  readonly whole?: true
  /** Deploy one service with the strategy `relay`, under load. */
  readonly relay?: true
  /** Deploy one service with `start-first`, behind a proxy that follows its labels and health, under load. */
  readonly startFirst?: true
}

/** Reports whether a deploy must not lose requests, so that they are counted. */
export const isLossless = ({ relay, startFirst }: ProjectOptions): boolean =>
  relay === true || startFirst === true

/** Returns the names of the deployed services. */
export const namesOf = (options: ProjectOptions): readonly string[] => [
  ...(options.once === true ? ['migrate'] : []),
  ...(options.whole === true ? ['side'] : []),
  ...Object.keys(servicesOf(options)),
]

/** Returns the services that serve the page, with their ports. */
export const servicesOf = ({ worker }: ProjectOptions): Readonly<Record<string, number>> =>
  worker === true ? { web: 8080, worker: 8081 } : { web: 8080 }

/** The timeout is generous, because checks are slow on a busy machine. */
const healthcheck = `    healthcheck:
      test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"]
      interval: 1s
      timeout: 5s
      retries: 3
`

const lossless = (image: string, ports: string, more = ''): string => `services:
  web:
    image: ${image}:latest
    restart: unless-stopped
    stop_grace_period: 5s
${ports}    healthcheck:
      test: ["CMD", "/zero", "health"]
      interval: 1s
      timeout: 5s
      retries: 3
${more}`

const published = '    ports: ["8080:8080"]\n'

/** A proxy that finds the service by its labels. It is not deployed. */
const proxy = (image: string): string => `  proxy:
    image: ${image}
    restart: unless-stopped
    entrypoint: ["/zero", "follow"]
    environment: { LABELS: "com.docker.compose.service=web" }
    stop_grace_period: 1s
${published}    volumes: ["/var/run/docker.sock:/docker.sock"]
`

/**
 * Returns the compose file. `image` has no tag, `base` is the database's image, `page` is that of the file's release.
 */
export const composeFile = (image: string, options: ProjectOptions, base = '', page = ''): string => {
  const { grace, worker, variable, around, network, nested, once, whole, relay, startFirst } = options
  if (relay === true) return lossless(image, published)
  if (startFirst === true) return lossless(image, '', proxy(base))
  const service = (name: string, port: number): string => `  ${name}:
    image: ${image}:${variable === true ? '${TAG}' : 'latest'}
    restart: unless-stopped
    stop_grace_period: ${grace}s
    ports: ["${port}:8080"]
`
  const needs = around === undefined ? '' : '    depends_on: [db]\n'
  const waits =
    once === true ? '    depends_on: { migrate: { condition: service_completed_successfully } }\n' : ''
  const label = page === '' || nested === true ? '' : `    labels: { release: "${page}" }\n`
  const extended =
    nested === true ? '    extends: { file: base.yaml, service: base }\n    env_file: app.env\n' : ''
  const side = whole === true ? `${sleeper('side', base)}${label}` : ''
  const second = worker === true ? service('worker', 8081) + workerRuns : ''
  const networks = `networks: { default: { labels: { of: "${page.startsWith('bad') ? page : 'good'}" } } }\n`
  const included = `${second}${once === true ? migrate(image) : ''}`
  return `${nested === true ? 'include: [part.yaml]\n' : ''}services:\n${nested === true ? '' : included}${
    around === undefined ? '' : sleeper('db', base)
  }${side}${service('web', 8080)}${extended}${label}${needs}${waits}${healthcheck}${network === true ? networks : ''}`
}

const migrate = (image: string): string => `  migrate:
    image: ${image}:latest
    command: ["sh", "-c", "test ! -e /www/migrate-fails || exit 5; sleep 0.2"]
`

/** The Dockerfile line that makes the one-off service fail. */
export const migrateFails = 'RUN touch /www/migrate-fails'

/** Returns the compose file and the files that it uses, by their paths in the project's directory. */
export function composeFiles(
  image: string,
  options: ProjectOptions,
  base: string,
  page = '',
): Record<string, string> {
  const text = composeFile(image, options, base, page)
  const { nested, ...flat } = options
  if (nested !== true) return { 'compose.yaml': text }
  const flatText = composeFile(image, flat, base, page)
  const part = flatText.slice(0, flatText.indexOf('  web:\n'))
  return {
    'deploy/compose.yaml': text,
    'deploy/part.yaml': part,
    'deploy/base.yaml': `services:\n  base:\n    labels: { release: "${page}" }\n`,
    'deploy/app.env': `OF=${page}\n`,
  }
}

/** Returns the lines of `.env` before the first deploy. */
export const settingsOf = ({ variable, nested, once }: ProjectOptions): string[] => [
  ...(variable === true ? ['TAG=none'] : []),
  ...(nested === true ? ['COMPOSE_FILE=deploy/compose.yaml', 'COMPOSE_PROJECT_NAME=app'] : []),
  ...(once === true
    ? [`DOCKER_DEFAULT_PLATFORM=linux/${process.arch === 'x64' ? 'amd64' : process.arch}`]
    : []),
]

/** The Dockerfile line that makes only the worker fail, which has no healthcheck. */
export const workerFails = 'RUN touch /www/worker-fails'
const workerRuns = `    command: ["sh", "-c", "test ! -e /www/worker-fails || exit 3; exec httpd -f -p 8080 -h /www"]
`

const sleeper = (name: string, image: string): string => `  ${name}:
    image: ${image}
    command: ["sleep", "100000"]
    restart: unless-stopped
    init: true
    stop_grace_period: 1s
`

/** Returns the action's inputs that depend on the lane. */
export function inputsOf(options: ProjectOptions, release: { image: string; digest: string; page: string }) {
  const { image, digest, page } = release
  const hooksAndCheck = {
    'run-before': 'web sh -c "sleep 0.3; cat /www/index.html"',
    'run-after': 'web sh -c "sleep 0.3; cat /www/index.html"',
    'check-url': 'http://127.0.0.1:8080/',
    'check-from': 'server',
    'check-contains': page,
    'check-timeout': 5,
    'check-on-lost': options.around ?? '',
  }
  return {
    service: options.whole === true ? '' : namesOf(options).join('\n'),
    ...(isLossless(options) ? { strategy: options.relay === true ? 'relay' : 'start-first', drain: 1 } : {}),
    ...(options.variable === true ? { image, tags: page } : { image: `${image}@${digest}`, tags: '' }),
    ...(options.around === undefined ? {} : hooksAndCheck),
    files: [
      'payload',
      ...(options.composed === true ? [options.nested === true ? 'deploy' : 'compose.yaml'] : []),
    ].join('\n'),
  }
}

/** The number of small files to upload, and of their directories. Each file is put into place with a rename. */
const many = 80
const directories = 20
const megabytes = 20

/** Writes the files to upload. Every file contains the page of its release; one has a unique name in each run. */
export function writePayload(
  workspace: string,
  page: string,
  runId: string,
  { large }: ProjectOptions,
): void {
  const write = (file: string, text: string | Uint8Array): void => {
    mkdirSync(dirname(join(workspace, 'payload', file)), { recursive: true })
    writeFileSync(join(workspace, 'payload', file), text)
  }
  for (let index = 0; index < many; index++) write(`${index % directories}/${index}`, `${page}\n`)
  write(`only/${runId}`, `${page}\n`)
  if (large !== true) return
  const content = Buffer.alloc(megabytes * 1024 * 1024)
  content.write(`${page}\n`)
  write('large', content)
}

/** The first file that is put into place. */
export const first = 'payload/0/0'

/** The path of the large file in the run's upload directory. */
export const large = 'files/payload/large'

/**
 * Returns the commands that print, a line each, the release of every uploaded file and setting, and of those that the
 * container was created with.
 */
export const readPages = ({ nested, whole }: ProjectOptions): string => `cat payload/[0-9]*/* 2>&1
head -n 1 payload/large 2>/dev/null
sed -n 's/^\\(RELEASE\\|TAG\\)=//p' .env
sed -n 's/^ *labels: { release: "\\(.*\\)" }/\\1/p' ${nested === true ? 'deploy/base.yaml' : 'compose.yaml'}
${nested === true ? readNested : ''}${whole === true ? readSide : ''}`

const readNested = `sed -n 's/^OF=//p' deploy/app.env
docker inspect -f '{{index .Config.Labels "release"}}{{println}}{{range .Config.Env}}{{println .}}{{end}}' app-web-1 | sed -n -e '1p' -e 's/^OF=//p'`

const readSide = `docker inspect -f '{{.State.Status}} {{index .Config.Labels "release"}}' app-side-1 2>&1 | sed 's/^running //'`
