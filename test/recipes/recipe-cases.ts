import type { Environment } from './environment.ts'

/** How the test runs a recipe, and the expected result. */
export interface RecipeCase {
  /** Default: `push`. */
  readonly event?: string
  /** Returns the webhook payload of the event. `commits` are those of the previous runs. */
  readonly payload?: (commits: readonly string[]) => Readonly<Record<string, unknown>>
  readonly actor?: string
  readonly secrets?: Readonly<Record<string, string>>
  readonly vars?: Readonly<Record<string, string>>
  /** Inputs of the step that differ from the recipe's. */
  readonly with?: (at: RecipeEnvironment) => Readonly<Record<string, string>>
  /** The image in the Dockerfile's `FROM`. */
  readonly base?: string
  /** Additional lines at the end of the Dockerfile. */
  readonly more?: string
  /** Returns the services of the compose file. Default: only `web`. */
  readonly services?: (at: RecipeEnvironment) => string
  /** Put the compose file into the repository instead of on the server. */
  readonly uploadsCompose?: true
  /** The content of `.env`. */
  readonly env?: string
  /** Returns files of the repository in addition to the Dockerfile and its page. */
  readonly files?: (at: RecipeEnvironment, page: string) => Readonly<Record<string, string>>
  /** The inputs of previous runs of deploy-on-push for the same project. Each run has its own page. */
  readonly before?: readonly Readonly<Record<string, string>>[]
  /** Deploy to the first manager of the rig's swarm. */
  readonly swarm?: true
  /** Returns a script that root runs before in the project's directory on the server. */
  readonly prepare?: (at: RecipeEnvironment) => string
  /** Another recipe that this one calls. */
  readonly calls?: string
  /** Expected text in the log. */
  readonly says?: readonly RegExp[]
  /** The page that must be served afterwards. Default: `new`. */
  readonly serves?: Page
  /** Whether the registry must have the image afterwards. Default: true. */
  readonly pushes?: boolean
}

/** `new`: the page of this run. `first`: the page of the first run. `none`: no response. */
export type Page = 'new' | 'first' | 'none'

/** The environment in which one recipe is tested. */
export interface RecipeEnvironment extends Environment {
  /** `registry/octo/name` */
  readonly image: string
  readonly port: number
}

const swarm = '`npm run test:swarm` covers it on a real swarm; SWARM=long runs the recipe here as well'

/** The reasons why recipes are not run. actionlint and zizmor check them nevertheless. */
export const notRun: Readonly<Record<string, string>> = {
  reusable: 'staging-then-production runs it twice',
  ...(process.env['SWARM'] === 'long' ? {} : { 'swarm-service': swarm, 'swarm-stack': swarm }),
}

export const dockerfile = (base: string, more = ''): string =>
  `FROM ${base}\nWORKDIR /www\nCOPY page index.html\nCMD ["httpd", "-f", "-p", "8080", "-h", "/www"]\n${more}`

export const service = (name: string, image: string, port?: number): string =>
  `  ${name}:\n    image: ${image}\n    init: true\n${port === undefined ? '' : `    ports: ["${port}:8080"]\n`}`

const fork = {
  action: 'opened',
  number: 7,
  pull_request: {
    number: 7,
    head: { ref: 'mend', sha: '', repo: { full_name: 'stranger/app' } },
    base: { ref: 'main', repo: { full_name: 'octo/app' } },
  },
}

/** Returns the settings for the nodes' own registry login. */
const puller = ({ username, password }: Environment['rig']['registry']) => ({
  secrets: { PULL_TOKEN: password },
  vars: { PULL_USER: username },
})

/** Returns a stack file whose only task publishes a host-mode port: kernels without ipvs have no routing mesh. */
const stackFile = ({ image, port }: RecipeEnvironment): string => `services:
  web:
    image: ${image}:latest
    configs: [nginx]
    ports: [{mode: host, target: 8080, published: ${port}}]
    deploy: {placement: {constraints: [node.hostname == manager1]}}
networks: {default: {external: true, name: bridge}}
configs: {nginx: {name: "nginx_$\{CONFIG_HASH}", file: ./nginx.conf}}
`

/** Returns the cases by the recipe's name. A recipe without a case is run as a push, with the default settings. */
export const recipeCases = ({
  rig: { registry },
  server,
  jump,
  otherRegistry,
  container,
}: Environment): Record<string, RecipeCase> => ({
  'deploy-on-push': { says: [/Running \S+@sha256:[0-9a-f]{64} \(previously nothing\)\./] },
  'release-on-tag': {
    payload: () => ({ ref: 'refs/tags/v1.2.3' }),
    says: [/Version 1\.2\.3 is \S+@sha256:[0-9a-f]{64}\./],
  },
  'deploy-by-hand': {
    event: 'workflow_dispatch',
    payload: ([first = '']) => ({ inputs: { service: 'worker', version: `sha-${first.slice(0, 7)}` } }),
    services: ({ image, port }) => service('worker', `${image}:\${TAG}`, port),
    env: 'TAG=none\n',
    before: [{ service: 'worker' }, { service: 'worker' }],
    serves: 'first',
  },
  'rollback-by-hand': {
    event: 'workflow_dispatch',
    payload: () => ({ inputs: { release: 'previous' } }),
    before: [{}, {}],
    says: [/@sha256:[0-9a-f]{64} is running\./],
    serves: 'first',
  },
  'pull-requests': { event: 'pull_request', payload: () => fork, serves: 'none', pushes: false },
  'matrix-of-services': {
    services: ({ image, port }) =>
      `${service('web', `${image}-web:latest`, port)}${service('api', `${image}-api:latest`)}`,
    files: ({ base }, page) => ({
      'web/Dockerfile': dockerfile(base),
      'web/page': page,
      'api/Dockerfile': dockerfile(base),
      'api/page': page,
    }),
    pushes: false, // the image has the recipe's name, and this recipe pushes `…-web` and `…-api`
  },
  'matrix-one-deploy': {
    services: ({ image, port }) =>
      `${service('web', `${image}-web:latest`, port)}${service('api', `${image}-api:latest`)}${service('worker', `${image}-worker:latest`)}`,
    files: ({ base }, page) =>
      Object.fromEntries(
        ['web', 'api', 'worker'].flatMap(name => [
          [`${name}/Dockerfile`, dockerfile(base)],
          [`${name}/page`, page],
        ]),
      ),
    says: [/Deploy web and api and worker to/],
    pushes: false, // the image has the recipe's name, and this recipe pushes `…-web`, `…-api` and `…-worker`
  },
  'native-runners': {
    with: () => container.inputs,
    // The deployed image has both platforms.
    says: [/`linux\/amd64` \| [\d.]+ MB \| same/, /`linux\/arm64` \| [\d.]+ MB \| same/],
  },
  password: {
    secrets: { SSH_PASSWORD: server.access.password },
    vars: { SSH_FINGERPRINT: server.fingerprint },
    with: () => ({ 'ssh-host': `password@${server.address}` }),
  },
  'jump-host': {
    vars: { SSH_KNOWN_HOSTS: `${server.knownHosts}\n${jump.knownHosts}` },
    with: () => ({ 'ssh-jump': `deploy@${jump.address}` }),
  },
  'private-image': {
    base: otherRegistry.base,
    secrets: { BASE_PASSWORD: otherRegistry.password },
    vars: { BASE_USERNAME: otherRegistry.username },
  },
  'docker-hub': {
    secrets: { DOCKERHUB_TOKEN: registry.password },
    vars: { DOCKERHUB_USERNAME: registry.username },
  },
  'aliyun-acr': {
    secrets: { ACR_PASSWORD: registry.password },
    vars: { ACR_USERNAME: registry.username },
  },
  'gitlab-registry': {
    secrets: { GITLAB_DEPLOY_TOKEN: registry.password },
    vars: { GITLAB_DEPLOY_USERNAME: registry.username },
  },
  forgejo: { actor: registry.username, secrets: { PACKAGES_TOKEN: registry.password } },
  'web-and-worker': {
    services: ({ image, port }) =>
      `${service('web', `${image}:latest`, port)}${service('worker', `${image}:latest`)}`,
  },
  'dry-run': { event: 'workflow_dispatch', serves: 'none', pushes: false, says: [/"target":/] },
  migrations: {
    more: 'RUN printf "#!/bin/sh\\necho migrated\\n" >migrate && chmod +x migrate\n',
    says: [/migrated/],
  },
  'check-url': {
    with: ({ port }) => ({ 'check-url': `http://${server.address}:${port}/`, 'check-contains': 'page' }),
  },
  'files-and-settings': {
    uploadsCompose: true,
    secrets: { DATABASE_URL: 'postgres://app:it is $ecret@db/app' },
  },
  'swarm-service': {
    swarm: true,
    ...puller(registry),
    prepare: ({ port, base }) =>
      `docker service create -d -q --with-registry-auth --name web --stop-grace-period 1s --constraint node.hostname==manager1 --publish mode=host,published=${port},target=8080 ${base} sh -c 'mkdir -p /www; exec httpd -f -p 8080 -h /www'`,
    says: [/web: 1 on manager1/],
  },
  'swarm-stack': {
    swarm: true,
    uploadsCompose: true,
    ...puller(registry),
    files: at => ({ 'stack.yml': stackFile(at), 'nginx.conf': 'server {}\n' }),
    says: [/web: 1 on manager1/],
  },
  'staging-then-production': {
    calls: 'reusable',
    secrets: { STAGING_SSH_KEY: server.access.key.text, PRODUCTION_SSH_KEY: server.access.key.text },
    vars: { SSH_HOST: `deploy@${server.address}` },
  },
})
