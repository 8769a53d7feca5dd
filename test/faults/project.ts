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
}

/** The services that are deployed, each with the port that it answers on. */
export const servicesOf = ({ worker }: ProjectOptions): Readonly<Record<string, number>> =>
  worker === true ? { web: 8080, worker: 8081 } : { web: 8080 }

/** What is slow on a busy machine is not ill. */
const healthcheck = `    healthcheck:
      test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"]
      interval: 1s
      timeout: 5s
      retries: 3
`

/** `image` is without its tag; the database is `base`; `page` is that of the release that it comes with. */
export const composeFile = (image: string, options: ProjectOptions, base = '', page = ''): string => {
  const { grace, worker, variable, around } = options
  const service = (name: string, port: number): string => `  ${name}:
    image: ${image}:${variable === true ? '${TAG}' : 'latest'}
    restart: unless-stopped
    stop_grace_period: ${grace}s
    ports: ["${port}:8080"]
`
  const needs = around === undefined ? '' : '    depends_on: [db]\n'
  const label = page === '' ? '' : `    labels: { release: "${page}" }\n`
  const second = worker === true ? service('worker', 8081) + workerRuns : ''
  return `services:\n${second}${around === undefined ? '' : database(base)}${service('web', 8080)}${label}${needs}${healthcheck}`
}

/** The line of a Dockerfile with which the worker does not run, and nobody but it; it has no healthcheck. */
export const workerFails = 'RUN touch /www/worker-fails'
const workerRuns = `    command: ["sh", "-c", "test ! -e /www/worker-fails || exit 3; exec httpd -f -p 8080 -h /www"]
`

const database = (image: string): string => `  db:
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
    service: Object.keys(servicesOf(options)).join('\n'),
    ...(options.variable === true ? { image, tags: page } : { image: `${image}@${digest}`, tags: '' }),
    ...(options.around === undefined ? {} : front),
    files: options.composed === true ? 'brought\ncompose.yaml' : 'brought',
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

/** The release that each of the files and settings says it came with, a line each. */
export const readBrought = `cat brought/[0-9]*/* 2>&1; head -n 1 brought/large 2>/dev/null; sed -n 's/^\\(RELEASE\\|TAG\\)=//p' .env; sed -n 's/^ *labels: { release: "\\(.*\\)" }/\\1/p' compose.yaml`
