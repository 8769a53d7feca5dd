import { nearest } from '../core/nearest.ts'

const script =
  'Slipway pulls, starts and checks the services of `service` itself; put other commands into `host-before` and `host-after`, or into `run-before` and `run-after` if they run in the new image'

/** Inputs of other actions, with Slipway's equivalent. Each text follows "There is no input `x`: ". */
const equivalents: Readonly<Record<string, string>> = {
  // docker/login-action
  username:
    'for a registry it is `registry-username` (with `registry`, if it is not the registry of the image), for a server `ssh-user`',
  password: 'for a registry it is `registry-password`, for a server `ssh-password`',
  logout: 'the login ends with the step; `login: job` keeps it for later steps',
  ecr: 'pass the output of `aws ecr get-login-password` as `registry-password`, with `registry-username: AWS`',
  scope: 'a login is always for the whole registry',
  // docker/setup-qemu-action
  'cache-image': 'it has no effect here: an emulator is installed only if it is missing',
  reset: 'it has no effect here: installed emulators stay as they are',
  // docker/setup-buildx-action
  name: 'it is `builder`; a builder that does not exist is created',
  version: 'for buildx it is `buildx-version`; `version` is an output',
  use: 'it has no effect here: only this step uses the builder',
  install: 'it has no effect here: `docker build` stays as it is',
  config: 'it is `buildkitd-config-inline`, with the text of the file',
  'buildkitd-config': 'it is `buildkitd-config-inline`, with the text of the file',
  'config-inline': 'it is `buildkitd-config-inline`',
  'cache-binary': "it has no effect here: Slipway uses the runner's buildx",
  // docker/metadata-action
  'bake-target': 'Slipway writes no bake files',
  'sep-tags': 'it has no effect here: outputs have one entry per line',
  'sep-labels': 'it has no effect here: outputs have one entry per line',
  'sep-annotations': 'it has no effect here: outputs have one entry per line',
  // appleboy/ssh-action
  host: 'it is `ssh-host`',
  port: 'it is `ssh-port`',
  key: 'it is `ssh-key`',
  key_path: 'it is `ssh-key`, with the text of the key',
  passphrase: 'it is `ssh-passphrase`',
  fingerprint: 'it is `ssh-fingerprint`',
  protocol: 'write an IPv6 address as `ssh-host: "[2001:db8::1]"`',
  script,
  script_path: script,
  script_stop: 'the deploy stops at the first failure and restores the previous release',
  command_timeout: 'it is `wait-timeout`',
  timeout: 'for the deploy it is `wait-timeout`; connecting has its own time limit',
  envs: 'put variables of the project into `env`, those of the build into `build-args`',
  sync: 'a step deploys to one server',
  proxy_host: 'it is `ssh-jump: user@host:port`',
  proxy_port: 'it is `ssh-jump: user@host:port`',
  proxy_username: 'it is `ssh-jump: user@host:port`',
  proxy_key: 'the login to the jump host uses `ssh-key`',
  proxy_password: 'the login to the jump host uses the credentials of the server',
  proxy_fingerprint: 'it is a line `HOST SHA256:…` of `ssh-fingerprint`',
  use_insecure_cipher: 'it has no effect here',
  request_pty: 'it has no effect here: commands on the server get no terminal',
  capture_stdout: "it has no effect here: the server's output is in the log",
  // docker/bake-action
  targets: 'Slipway reads no bake files; for a stage of the Dockerfile it is `target`',
  workdir: 'it is `context`',
  // Common mistakes
  dockerfile: 'it is `file`',
  tag: 'it is `tags`',
  label: 'it is `labels`',
  platform: 'it is `platforms`',
  services: 'it is `service`, with one service per line',
  'compose-file': 'it is `compose-files`',
  token: 'it is `github-token`',
}

/** Returns the warning for an undeclared input, with Slipway's equivalent or the most similar name. */
export function explainUnknown(name: string, known: readonly string[]): string {
  const equivalent = Object.hasOwn(equivalents, name) ? equivalents[name] : undefined
  if (equivalent !== undefined) return `There is no input \`${name}\`: ${equivalent}.`
  const close = nearest(name, known)
  return close === undefined
    ? `There is no input \`${name}\`.`
    : `There is no input \`${name}\`. Did you mean \`${close}\`?`
}

const forDeploys: ReadonlySet<string> = new Set(['host', 'key', 'key_path', 'script', 'script_path'])

/** Reports whether an undeclared input shows that the workflow means to deploy. */
export const meansDeploy = (name: string, known: readonly string[]): boolean =>
  forDeploys.has(name) || nearest(name, known) === 'ssh-host'
