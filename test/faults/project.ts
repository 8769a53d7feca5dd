import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What a lane's project is made of, besides its server. */
export interface ProjectOptions {
  /** Seconds that its services take to stop: they do not heed SIGTERM. */
  readonly grace: number
  /** A second service of the same image. */
  readonly worker?: true
  /** The tag in the image's reference comes from a variable of the `.env` file. */
  readonly variable?: true
  /** Commands around the switch, a dependency, and a front door; what becomes of it when nobody asks there. */
  readonly around?: 'keep' | 'roll back'
  /** The compose file is brought, too, and says which release it came with. */
  readonly composed?: true
  /** One of the files that are brought has 20 MB. */
  readonly large?: true
  /** With `composed`: a release that fails comes with another label of the network (A1). */
  readonly network?: true
  /** With `composed`: the compose file is in a directory of its own, beside what it includes, extends and takes variables from (A2, A3). */
  readonly nested?: true
  /** Beside what runs are a dead container of the service, and a stranger with its labels (A4, A7). */
  readonly crowd?: true
  /** A service of the same image runs once before the others (A5, A6), for a platform that the `.env` names (A8). */
  readonly once?: true
  /** With `composed`: the whole project is deployed, with a service of another image that changes with each release. */
  readonly whole?: true
  /** The one service is replaced by relay, under load. */
  readonly relay?: true
  /** The one service starts first behind a proxy that follows its labels and health, under load. */
  readonly startFirst?: true
}

/** Its requests are counted. */
export const isLossless = ({ relay, startFirst }: ProjectOptions): boolean =>
  relay === true || startFirst === true

/** The services that are deployed. */
export const namesOf = (options: ProjectOptions): readonly string[] => [
  ...(options.once === true ? ['migrate'] : []),
  ...(options.whole === true ? ['side'] : []),
  ...Object.keys(servicesOf(options)),
]

/** Those that answer, each with its port. */
export const servicesOf = ({ worker }: ProjectOptions): Readonly<Record<string, number>> =>
  worker === true ? { web: 8080, worker: 8081 } : { web: 8080 }

/** What is slow on a busy machine is not ill. */
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

/** What goes by the labels of the service, and is not deployed. */
const proxy = (image: string): string => `  proxy:
    image: ${image}
    restart: unless-stopped
    entrypoint: ["/zero", "follow"]
    environment: { LABELS: "com.docker.compose.service=web" }
    stop_grace_period: 1s
${published}    volumes: ["/var/run/docker.sock:/docker.sock"]
`

/** `image` is without its tag; the database is `base`; `page` is that of the release that it comes with. */
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
  const behind =
    nested === true ? '    extends: { file: base.yaml, service: base }\n    env_file: app.env\n' : ''
  const side = whole === true ? `${sleeper('side', base)}${label}` : ''
  const second = worker === true ? service('worker', 8081) + workerRuns : ''
  const ways = `networks: { default: { labels: { of: "${page.startsWith('bad') ? page : 'good'}" } } }\n`
  const included = `${second}${once === true ? migrate(image) : ''}`
  return `${nested === true ? 'include: [part.yaml]\n' : ''}services:\n${nested === true ? '' : included}${
    around === undefined ? '' : sleeper('db', base)
  }${side}${service('web', 8080)}${behind}${label}${needs}${waits}${healthcheck}${network === true ? ways : ''}`
}

const migrate = (image: string): string => `  migrate:
    image: ${image}:latest
    command: ["sh", "-c", "test ! -e /www/migrate-fails || exit 5; sleep 0.2"]
`

/** The line of a Dockerfile with which what runs once fails. */
export const migrateFails = 'RUN touch /www/migrate-fails'

/** The compose file and what is behind it, by their names in the project's directory. */
export function composeFiles(
  image: string,
  options: ProjectOptions,
  base: string,
  page = '',
): Record<string, string> {
  const text = composeFile(image, options, base, page)
  const { nested, ...flat } = options
  if (nested !== true) return { 'compose.yaml': text }
  const whole = composeFile(image, flat, base, page)
  const part = whole.slice(0, whole.indexOf('  web:\n'))
  return {
    'deploy/compose.yaml': text,
    'deploy/part.yaml': part,
    'deploy/base.yaml': `services:\n  base:\n    labels: { release: "${page}" }\n`,
    'deploy/app.env': `OF=${page}\n`,
  }
}

/** Lines of the `.env` before the first deploy. */
export const settingsOf = ({ variable, nested, once }: ProjectOptions): string[] => [
  ...(variable === true ? ['TAG=none'] : []),
  ...(nested === true ? ['COMPOSE_FILE=deploy/compose.yaml', 'COMPOSE_PROJECT_NAME=app'] : []),
  ...(once === true
    ? [`DOCKER_DEFAULT_PLATFORM=linux/${process.arch === 'x64' ? 'amd64' : process.arch}`]
    : []),
]

/** The line of a Dockerfile with which the worker does not run, and nobody but it; it has no healthcheck. */
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

/** The action's inputs that are not the same for every lane. */
export function inputsOf(options: ProjectOptions, release: { image: string; digest: string; page: string }) {
  const { image, digest, page } = release
  const front = {
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
    ...(options.around === undefined ? {} : front),
    files: [
      'brought',
      ...(options.composed === true ? [options.nested === true ? 'deploy' : 'compose.yaml'] : []),
    ].join('\n'),
  }
}

/** How many small files are brought, to how many directories: each directory's are put in place by a rename each. */
const many = 80
const directories = 20
const megabytes = 20

/** Every file says which release it came with; one has a name of its own in each run. */
export function bring(workspace: string, page: string, runId: string, { large }: ProjectOptions): void {
  const write = (file: string, text: string | Uint8Array): void => {
    mkdirSync(dirname(join(workspace, 'brought', file)), { recursive: true })
    writeFileSync(join(workspace, 'brought', file), text)
  }
  for (let index = 0; index < many; index++) write(`${index % directories}/${index}`, `${page}\n`)
  write(`only/${runId}`, `${page}\n`)
  if (large !== true) return
  const content = Buffer.alloc(megabytes * 1024 * 1024)
  content.write(`${page}\n`)
  write('large', content)
}

/** The first of them to be put in place. */
export const first = 'brought/0/0'

/** Where the large file is, beside a run that it comes with. */
export const large = 'files/brought/large'

/** The release that each of the files and settings says it came with, and the container was made with, a line each. */
export const readBrought = ({ nested, whole }: ProjectOptions): string => `cat brought/[0-9]*/* 2>&1
head -n 1 brought/large 2>/dev/null
sed -n 's/^\\(RELEASE\\|TAG\\)=//p' .env
sed -n 's/^ *labels: { release: "\\(.*\\)" }/\\1/p' ${nested === true ? 'deploy/base.yaml' : 'compose.yaml'}
${nested === true ? readNested : ''}${whole === true ? readSide : ''}`

const readNested = `sed -n 's/^OF=//p' deploy/app.env
docker inspect -f '{{index .Config.Labels "release"}}{{println}}{{range .Config.Env}}{{println .}}{{end}}' app-web-1 | sed -n -e '1p' -e 's/^OF=//p'`

const readSide = `docker inspect -f '{{.State.Status}} {{index .Config.Labels "release"}}' app-side-1 2>&1 | sed 's/^running //'`
