import type { Stand } from './stand.ts'

/** How a recipe is run, and what has to come of it. */
export interface Rehearsal {
  /** `push`, when left out. */
  readonly event?: string
  /** What GitHub would say of the event; `commits` are those of the runs before. */
  readonly payload?: (commits: readonly string[]) => Readonly<Record<string, unknown>>
  readonly actor?: string
  readonly secrets?: Readonly<Record<string, string>>
  readonly vars?: Readonly<Record<string, string>>
  /** Inputs of the step that are other ones here. */
  readonly with?: (at: At) => Readonly<Record<string, string>>
  /** The image in the Dockerfile's `FROM`. */
  readonly base?: string
  /** Lines at the end of the Dockerfile. */
  readonly more?: string
  /** The compose file's services; `web` alone when left out. */
  readonly services?: (at: At) => string
  /** The compose file is in the repository, and nothing is on the server. */
  readonly brings?: true
  readonly env?: string
  /** Files of the repository, besides a Dockerfile and its page. */
  readonly files?: (at: At, page: string) => Readonly<Record<string, string>>
  /** Runs of deploy-on-push in the same place before, each with these inputs and a page of its own. */
  readonly before?: readonly Readonly<Record<string, string>>[]
  /** It deploys to the first manager of the rig's swarm. */
  readonly swarm?: true
  /** Done in the project's directory on the server before, as root. */
  readonly prepare?: (at: At) => string
  /** Another recipe that it calls. */
  readonly calls?: string
  /** What the log has to say. */
  readonly says?: readonly RegExp[]
  /** The page that has to be served then: `new`, when left out. */
  readonly serves?: Page
  /** Whether the registry has the image afterwards: true, when left out. */
  readonly pushes?: boolean
}

/** `new`: that of this run. `first`: that of the first run. `none`: nobody answers. */
export type Page = 'new' | 'first' | 'none'

/** Where a recipe is rehearsed. */
export interface At extends Stand {
  /** `registry/octo/name` */
  readonly image: string
  readonly port: number
}

const swarm = '`npm run test:swarm` deploys so, to a real swarm; SWARM=long runs it here, too'

/** Why a recipe is not run by itself; actionlint and zizmor check it all the same. */
export const notRun: Readonly<Record<string, string>> = {
  reusable: 'staging-then-production runs it, twice',
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

/** The nodes' own login. */
const puller = ({ username, password }: Stand['rig']['registry']) => ({
  secrets: { PULL_TOKEN: password },
  vars: { PULL_USER: username },
})

/** A stack whose one task publishes a port of the manager itself: kernels without ipvs have no routing mesh. */
const stackFile = ({ image, port }: At): string => `services:
  web:
    image: ${image}:latest
    configs: [nginx]
    ports: [{mode: host, target: 8080, published: ${port}}]
    deploy: {placement: {constraints: [node.hostname == manager1]}}
networks: {default: {external: true, name: bridge}}
configs: {nginx: {name: "nginx_$\{CONFIG_HASH}", file: ./nginx.conf}}
`

/** By the recipe's name. One that has no entry is run as a push, with what every recipe needs. */
export const rehearsals = ({
  rig: { registry },
  server,
  jump,
  elsewhere,
  container,
}: Stand): Record<string, Rehearsal> => ({
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
    pushes: false, // under the recipe's own name: `…-web` and `…-api` it does
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
    pushes: false, // under the recipe's own name: `…-web`, `…-api` and `…-worker` it does
  },
  'native-runners': {
    with: () => container.inputs,
    // The image that is deployed has both.
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
    base: elsewhere.base,
    secrets: { BASE_PASSWORD: elsewhere.password },
    vars: { BASE_USERNAME: elsewhere.username },
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
  'files-and-settings': { brings: true, secrets: { DATABASE_URL: 'postgres://app:it is $ecret@db/app' } },
  'swarm-service': {
    swarm: true,
    ...puller(registry),
    prepare: ({ port, base }) =>
      `docker service create -d -q --with-registry-auth --name web --stop-grace-period 1s --constraint node.hostname==manager1 --publish mode=host,published=${port},target=8080 ${base} sh -c 'mkdir -p /www; exec httpd -f -p 8080 -h /www'`,
    says: [/web: 1 on manager1/],
  },
  'swarm-stack': {
    swarm: true,
    brings: true,
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
