import { type Digest, parseDigest } from '../../../../../src/image/digest.ts'
import type {
  ContainerFacts,
  ServerFacts,
  ServiceFacts,
} from '../../../../../src/target/compose-host/facts.ts'

/** Returns the facts of a typical server, with the changes of a test. */
export const server = (
  parts: {
    readonly tools?: Partial<ServerFacts['tools']>
    readonly project?: Partial<ServerFacts['project']>
    readonly services?: readonly ServiceFacts[]
    readonly siblings?: ServerFacts['siblings']
    readonly neighbours?: ServerFacts['neighbours']
  } = {},
): ServerFacts => ({
  tools: {
    docker: ['docker'],
    engineVersion: '28.5.2',
    compose: ['docker', 'compose'],
    composeVersion: '2.40.3',
    platform: 'linux/amd64',
    endpoint: 'unix:///var/run/docker.sock',
    imageStore: 'classic',
    dockerRoot: '/var/lib/docker',
    freeBytes: 50e9,
    os: 'Debian GNU/Linux 12 (bookworm)',
    login: { user: 'deploy', uid: 1000, groups: ['docker'], home: '/home/deploy', shell: '/bin/sh' },
    has: { flock: true, setsid: true, nohup: true, timeout: true },
    killsLeftovers: false,
    escape: undefined,
    ...parts.tools,
  },
  project: {
    name: 'app',
    givenName: undefined,
    directory: '/srv/app',
    base: '/srv/app',
    writable: true,
    stateWritable: true,
    unfinished: false,
    history: [],
    verified: [],
    files: [],
    composeFiles: ['/srv/app/compose.yaml'],
    partFiles: [],
    envFile: '/srv/app/.env',
    envFiles: [],
    variables: [],
    ...parts.project,
  },
  services: parts.services ?? [service('web')],
  siblings: parts.siblings ?? [],
  neighbours: parts.neighbours ?? [],
})

/** Returns a service that declares `ghcr.io/me/app:v1`, with the changes of a test. */
export const service = (name: string, parts: Partial<ServiceFacts> = {}): ServiceFacts => ({
  name,
  reference: 'ghcr.io/me/app:v1',
  template: parts.reference ?? 'ghcr.io/me/app:v1',
  builds: false,
  pullPolicy: undefined,
  platform: undefined,
  replicas: 1,
  profiles: [],
  containerName: undefined,
  networkMode: undefined,
  ports: [],
  restart: 'always',
  oneShot: false,
  stopGracePeriod: 10,
  dependsOn: [],
  configHash: 'h1',
  sideCars: [],
  volumeSharers: [],
  copies: { ports: [], writes: [], fixedAddress: false, volumesFrom: [] },
  hasHealthcheck: true,
  containers: [],
  ...parts,
})

export const digest = (letter: string): Digest => parseDigest(`sha256:${letter.repeat(64)}`) as Digest

export const container = (parts: Partial<ContainerFacts> = {}): ContainerFacts => ({
  id: 'c'.repeat(64),
  name: 'app-web-1',
  state: 'running',
  exitCode: 0,
  health: 'healthy',
  reference: 'ghcr.io/me/app:v1',
  imageId: digest('1'),
  repoDigests: [`ghcr.io/me/app@${digest('a')}`],
  configHash: 'h1',
  composeVersion: '2.40.3',
  startedAt: '2026-01-31T12:00:00Z',
  restartCount: 0,
  ...parts,
})
