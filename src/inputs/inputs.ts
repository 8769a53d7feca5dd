/** The inputs of action.yml, in the same order (a test compares them). Secrets are masked before anything else. */
const declared = {
  // Image
  image: {},
  images: {},
  tags: {},
  flavor: {},
  labels: {},
  annotations: {},
  'metadata-context': {},
  // Build
  build: {},
  push: {},
  context: {},
  file: {},
  target: {},
  platforms: {},
  'build-args': {},
  'build-contexts': {},
  secrets: { secret: true },
  'secret-envs': {},
  'secret-files': {},
  ssh: {},
  'cache-from': {},
  'cache-to': {},
  'no-cache': {},
  'no-cache-filters': {},
  pull: {},
  load: {},
  outputs: {},
  provenance: {},
  sbom: {},
  attests: {},
  call: {},
  network: {},
  'add-hosts': {},
  allow: {},
  ulimit: {},
  'shm-size': {},
  'cgroup-parent': {},
  // Builder
  builder: {},
  driver: {},
  'driver-opts': {},
  'buildkitd-config-inline': {},
  'buildkitd-flags': {},
  endpoint: {},
  append: {},
  'keep-state': {},
  cleanup: {},
  'qemu-image': {},
  'buildx-version': {},
  // Registry
  registry: {},
  'registry-username': {},
  'registry-password': { secret: true },
  'registry-auth': { secret: true },
  login: {},
  // Server
  'ssh-host': {},
  'ssh-user': {},
  'ssh-port': {},
  'ssh-key': { secret: true },
  'ssh-passphrase': { secret: true },
  'ssh-password': { secret: true },
  'ssh-known-hosts': {},
  'ssh-fingerprint': {},
  'ssh-insecure-skip-host-key-check': {},
  'ssh-jump': {},
  // Deploy
  'project-directory': {},
  service: {},
  'compose-files': {},
  'compose-env-files': {},
  'remove-orphans': {},
  'project-name': {},
  stack: {},
  swarm: {},
  'wait-timeout': {},
  stability: {},
  rollback: {},
  'rollback-to': {},
  'lock-timeout': {},
  strategy: {},
  drain: {},
  withdraw: {},
  'proxy-reload': {},
  overlap: {},
  'keep-releases': {},
  'server-login': {},
  'server-registry-username': {},
  'server-registry-password': { secret: true },
  'dry-run': {},
  // Release
  files: {},
  'files-delete': {},
  env: { secret: true },
  'env-file': {},
  'run-before': {},
  'run-after': {},
  'exec-before': {},
  'exec-after': {},
  'host-before': {},
  'host-after': {},
  'hook-timeout': {},
  'check-url': {},
  'check-status': {},
  'check-contains': {},
  'check-timeout': {},
  'check-from': {},
  'check-on-lost': {},
  'allow-older': {},
  promote: {},
  // GitHub
  'github-token': { secret: true },
  environment: {},
  'environment-url': {},
  summary: {},
} as const satisfies Record<string, { readonly secret?: true }>

export type InputName = keyof typeof declared

/** The trimmed values of the inputs; an input that is not given is an empty string. */
export type Inputs = Readonly<Record<InputName, string>>

export const inputNames = Object.keys(declared) as readonly InputName[]

export const isSecret = (name: InputName): boolean => 'secret' in declared[name]

type Environment = Readonly<Record<string, string | undefined>>

/** Returns the runner's environment variable for an input: upper case, blanks as underscores, hyphens kept. */
const variable = (name: string): string => `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`

/** Reads the inputs from the runner's environment. The caller masks the secret ones. */
export function readInputs(env: Environment): Inputs {
  return Object.fromEntries(inputNames.map(name => [name, (env[variable(name)] ?? '').trim()])) as Inputs
}

/** Returns the names in `with:` that action.yml does not declare. The runner passes them on with a warning. */
export function unknownInputs(env: Environment): string[] {
  const known = new Set(inputNames.map(variable))
  return Object.keys(env)
    .filter(name => name.startsWith('INPUT_') && name !== 'INPUT_' && !known.has(name))
    .map(name => name.slice('INPUT_'.length).toLowerCase())
}
