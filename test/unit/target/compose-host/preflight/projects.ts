// Typical projects, and what preflight must find in each. The scenario reads them on real servers and captures the
// answers; the unit test reads the captured answers.

/** The deployed image, and the parent directory of the projects on a server. */
export const image = 'ghcr.io/example/preflight'
export const root = '/srv/slipway-preflight'

export type Engine = 'modern' | 'trixie' | 'old'

/** Engine 28 with Compose 2.40, engine 26 with 2.26, engine 20.10 with 1.29. */
export const engines = ['modern', 'trixie', 'old'] as const satisfies readonly Engine[]

export interface ProjectCase {
  readonly name: string
  /** Does not depend on the versions, so one server is enough. */
  readonly engines?: readonly Engine[]
  readonly files: Readonly<Record<string, string>>
  /** The command that started it before the deploy; undefined if none did. */
  readonly up?: string
  /** A subdirectory of the project's directory. */
  readonly directory?: string
  readonly service?: string
  readonly composeFiles?: readonly string[]
  readonly composeEnvFiles?: readonly string[]
  /** The pushed tags; by default `v1`. */
  readonly tags?: readonly string[]
  readonly expected: Expected
}

/** The expected findings and facts; others may have any value. */
export interface Expected {
  readonly project?: Readonly<Record<string, unknown>>
  readonly service?: Readonly<Record<string, unknown>>
  /** The states of its containers. */
  readonly containers?: readonly string[]
  /** Whether the configuration has changed since the containers were created. */
  readonly configChanged?: boolean | undefined
  readonly envSet?: Readonly<Record<string, string>>
  /** The pinned reference. */
  readonly pin?: string
  /** A pattern for each, in order; by default none. */
  readonly problems?: readonly RegExp[]
  readonly warnings?: readonly RegExp[]
}

const runs = `
    command: ["/bin/busybox", "sleep", "9999"]
    stop_grace_period: 1s
    healthcheck: { test: ["CMD", "/bin/busybox", "true"], interval: 1s }
`
const service = (name: string, tag: string, more = '') => `  ${name}:\n    image: ${image}:${tag}\n${more}`
const compose = (...services: string[]) => `version: "3.9"\nservices:\n${services.join('')}`

export const projects: readonly ProjectCase[] = [
  {
    name: 'plain',
    files: { 'compose.yaml': compose(service('web', 'v1', `    environment: { A: hunter2hunter2 }${runs}`)) },
    up: 'up -d',
    expected: {
      project: { name: 'plain', files: [], composeFiles: [`${root}/plain/compose.yaml`], envFile: undefined },
      service: {
        reference: `${image}:v1`,
        replicas: 1,
        stopGracePeriod: 1,
        hasHealthcheck: true,
        oneShot: false,
      },
      containers: ['running healthy'],
      configChanged: false,
      pin: `${image}:v1`,
      envSet: {},
    },
  },
  {
    name: 'variable',
    // v1 cannot print the image before interpolation if a variable takes the place of a number.
    files: {
      'compose.yaml': compose(
        service('web', '${TAG:-latest}', `    ports: ["\${PORT:-8180}:80"]${runs}`),
        service('other', 'v1', runs),
      ),
      '.env': 'TAG=v1\n',
    },
    up: 'up -d',
    tags: ['v2', 'latest'],
    expected: {
      project: { envFile: `${root}/variable/.env` },
      service: { reference: `${image}:v1`, template: `${image}:\${TAG:-latest}` },
      containers: ['running healthy'],
      pin: `${image}:v2`,
      envSet: { TAG: 'v2' },
    },
  },
  {
    name: 'shared-variable',
    engines: ['modern'],
    files: {
      'compose.yaml': compose(service('web', '${TAG}'), service('worker', '${TAG}')),
      '.env': 'TAG=v1\n',
    },
    tags: ['v2'],
    expected: {
      envSet: {},
      problems: [/`web` declares .*:v1`, which this run does not push.* Set `env: TAG=v2`.* of `worker` too/],
    },
  },
  {
    name: 'not-pushed',
    engines: ['modern'],
    files: { 'compose.yaml': compose(service('web', 'stable')) },
    tags: ['v2', 'latest'],
    expected: {
      problems: [/:stable`, which this run does not push .*:v2`, .*:latest`\): .* Add `stable` to `tags`/],
    },
  },
  {
    name: 'other-image',
    engines: ['modern'],
    files: { 'compose.yaml': 'version: "3.9"\nservices:\n  web:\n    image: nginx\n' },
    expected: {
      problems: [/declares the image `nginx`.* Change the service to one of them: `image: .*:v1`/],
    },
  },
  {
    name: 'unset',
    engines: ['modern'],
    files: { 'compose.yaml': compose(service('web', '${TAG}')) },
    expected: { problems: [/\$\{TAG\}`, but `TAG` is not set/] },
  },
  {
    name: 'by-digest',
    engines: ['modern'],
    files: { 'compose.yaml': compose(service('web', `v1@sha256:${'a'.repeat(64)}`)) },
    expected: { problems: [/pinned to a digest/] },
  },
  {
    name: 'build-only',
    engines: ['modern'],
    files: { 'compose.yaml': 'version: "3.9"\nservices:\n  web:\n    build: .\n' },
    expected: { problems: [/declares no `image`, only a `build`/] },
  },
  {
    name: 'policy',
    engines: ['modern'],
    files: {
      'compose.yaml': compose(service('web', 'v1', '    platform: linux/arm64\n    pull_policy: always\n')),
    },
    expected: {
      service: { platform: 'linux/arm64', pullPolicy: 'always' },
      problems: [/`web` asks for `linux\/arm64`, but the image is built for `linux\/amd64` only/],
      warnings: [/`pull_policy: always`: a later/],
    },
  },
  {
    name: 'side-car',
    files: {
      'compose.yaml': compose(
        service('web', 'v1', `    profiles: [app]\n    restart: always\n    deploy: { replicas: 1 }${runs}`),
        service('vpn', 'v1', `    network_mode: service:web${runs}`),
      ),
    },
    up: '--profile app up -d --scale web=2',
    expected: {
      service: { profiles: ['app'], restart: 'always', replicas: 1, sideCars: ['vpn'] },
      containers: ['running healthy', 'running healthy'],
      warnings: [
        /`vpn` uses the network of `web`/,
        /`web` has 2 running containers, but declares 1/,
        /`vpn` declares the image of this deploy/,
      ],
    },
  },
  {
    name: 'one-shot',
    files: { 'compose.yaml': compose(service('web', 'v1', '    command: ["/bin/busybox", "true"]\n')) },
    up: 'up -d',
    expected: {
      service: { oneShot: true, hasHealthcheck: false },
      containers: ['exited -'],
      pin: `${image}:v1`,
    },
  },
  {
    name: 'stopped',
    files: {
      'compose.yaml': compose(
        service('web', 'v1', '    command: ["/bin/busybox", "true"]\n    ports: ["127.0.0.1::80"]\n'),
      ),
    },
    up: 'up -d',
    expected: { service: { oneShot: false }, containers: ['exited -'] },
  },
  {
    name: 'override',
    files: {
      'compose.yaml': compose(service('web', 'v1', runs)),
      'compose.override.yaml': 'version: "3.9"\nservices:\n  web:\n    environment: { A: b }\n',
    },
    up: 'up -d',
    composeFiles: ['compose.yaml'],
    expected: {
      project: { files: [`${root}/override/compose.yaml`], composeFiles: [`${root}/override/compose.yaml`] },
      configChanged: true,
      warnings: [/leaves out `compose.override.yaml`/, /was created from .*, but this deploy uses/],
    },
  },
  {
    name: 'compose-file',
    files: {
      'a.yaml': compose(service('web', 'v1', runs)),
      'b.yaml': 'version: "3.9"\nservices:\n  web:\n    restart: always\n',
      '.env': 'COMPOSE_FILE=a.yaml:b.yaml\n',
    },
    up: 'up -d',
    expected: {
      project: { composeFiles: [`${root}/compose-file/a.yaml`, `${root}/compose-file/b.yaml`], files: [] },
      service: { restart: 'always' },
      containers: ['running healthy'],
      configChanged: false,
    },
  },
  {
    name: 'above',
    files: { 'compose.yaml': compose(service('web', 'v1')), 'deep/readme': '' },
    directory: 'deep',
    expected: {
      project: { name: 'above', directory: `${root}/above`, base: `${root}/above` },
      containers: [],
    },
  },
  {
    name: 'given',
    files: {
      'deploy/prod.yaml': compose(service('web', '${TAG}', runs)),
      'deploy/.env': 'TAG=v1\n',
    },
    composeFiles: ['deploy/prod.yaml'],
    up: '-f deploy/prod.yaml up -d',
    expected: {
      project: {
        name: 'deploy',
        directory: `${root}/given`,
        base: `${root}/given/deploy`,
        files: [`${root}/given/deploy/prod.yaml`],
        envFile: `${root}/given/deploy/.env`,
      },
      containers: ['running healthy'],
      configChanged: false,
      pin: `${image}:v1`,
    },
  },
  {
    name: 'env-files',
    files: {
      'compose.yaml': compose(service('web', '${TAG}', runs)),
      '.env': 'TAG=elsewhere\n',
      'base.env': 'TAG=old\nOTHER=1\n',
      '.env.production': 'TAG=v1\n',
    },
    engines: ['modern'],
    composeEnvFiles: ['base.env', '.env.production'],
    up: '--env-file base.env --env-file .env.production up -d',
    expected: {
      project: {
        envFile: `${root}/env-files/.env.production`,
        envFiles: ['base.env', '.env.production'],
        variables: [{ name: 'TAG', from: 'env-file', value: 'v1', services: ['web'] }],
      },
      containers: ['running healthy'],
      configChanged: false,
      pin: `${image}:v1`,
    },
  },
  {
    name: 'env-files-missing',
    files: { 'compose.yaml': compose(service('web', 'v1')) },
    engines: ['modern'],
    composeEnvFiles: ['.env.production'],
    expected: { problems: [/`compose-env-files` names `.*\.env\.production`, which does not exist/] },
  },
  {
    name: 'given-missing',
    files: { 'x.yaml': '' },
    composeFiles: ['prod.yaml'],
    expected: { problems: [/`compose-files` names `.*prod.yaml`, which does not exist.* contains `x.yaml`/] },
  },
  {
    name: 'broken',
    files: { 'compose.yaml': 'version: "3.9"\nservices:\n  web:\n  image: [\n' },
    expected: { problems: [/Compose rejects the project in .*node content/s] },
  },
  {
    name: 'secret-in-error',
    // Compose quotes text that it cannot parse, with variables resolved.
    files: {
      'compose.yaml': compose(service('web', 'v1', '    ports: ["${SECRET}:80"]\n')),
      '.env': 'SECRET=hunter2hunter2\n',
    },
    expected: { problems: [/Compose rejects the project(?!.*hunter2)/s] },
  },
  {
    name: 'required',
    engines: ['modern'],
    files: { 'compose.yaml': compose(service('web', '${TAG:?name a release}')) },
    expected: { problems: [/needs the variable `TAG`.*`env: TAG=….*`compose-env-files`.*name a release/s] },
  },
  {
    name: 'empty',
    engines: ['modern'],
    files: { 'README.md': '' },
    expected: { problems: [/There is no compose file in .* the directory contains `README.md`/] },
  },
  {
    name: 'no-service',
    engines: ['modern'],
    files: { 'compose.yaml': compose(service('web-app', 'v1'), service('db', 'v1')) },
    service: 'webapp',
    expected: { problems: [/`service` is `webapp`, which .* does not have. Did you mean `web-app`\?/] },
  },
  {
    name: 'no-directory',
    engines: ['modern'],
    files: { 'compose.yaml': compose(service('web', 'v1')) },
    directory: 'nothing/here',
    expected: {
      problems: [/nothing\/here`, which does not exist .* closest directory that exists is `.*no-directory`/],
    },
  },
]
