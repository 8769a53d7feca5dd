import { nearest } from '../core/nearest.ts'

const script =
  'pulling, starting and checking is done by the deploy itself, of what `service` names; other commands go into `host-before` and `host-after`, or `run-before` and `run-after` for those of the new image'

/** What an input of another action is called here, and why; the sentences follow "There is no input `x`: ". */
const elsewhere: Readonly<Record<string, string>> = {
  // docker/login-action
  username:
    'for a registry it is `registry-username` (give `registry` too, where it is not the image’s own), for a server `ssh-user`',
  password: 'for a registry it is `registry-password`, for a server `ssh-password`',
  logout: 'the login ends with the step; `login: job` keeps it for the steps after',
  ecr: 'give what `aws ecr get-login-password` prints as `registry-password`, with `registry-username: AWS`',
  scope: 'a login here is for its registry alone',
  // docker/setup-qemu-action
  'cache-image': 'it has no effect here: an emulator is installed only where one is missing',
  reset: 'it has no effect here: emulators that are there stay as they are',
  // docker/setup-buildx-action
  name: 'a builder is named by `builder`, and made when there is none of that name',
  version: 'for buildx it is `buildx-version`; `version` is an output',
  use: 'it has no effect here: the builder is used by this step alone',
  install: 'it has no effect here: `docker build` is left as it was',
  config: 'it is `buildkitd-config-inline`, with the text of the file',
  'buildkitd-config': 'it is `buildkitd-config-inline`, with the text of the file',
  'config-inline': 'it is `buildkitd-config-inline`',
  'cache-binary': 'it has no effect here: the buildx of the runner is used',
  // docker/metadata-action
  'bake-target': 'bake files are not written here',
  'sep-tags': 'it has no effect here: outputs have a line for each entry',
  'sep-labels': 'it has no effect here: outputs have a line for each entry',
  'sep-annotations': 'it has no effect here: outputs have a line for each entry',
  // appleboy/ssh-action
  host: 'it is `ssh-host`',
  port: 'it is `ssh-port`',
  key: 'it is `ssh-key`',
  key_path: 'it is `ssh-key`, with the text of the key',
  passphrase: 'it is `ssh-passphrase`',
  fingerprint: 'it is `ssh-fingerprint`',
  protocol: 'an IPv6 address is given as `ssh-host: "[2001:db8::1]"`',
  script,
  script_path: script,
  script_stop: 'the deploy stops at the first failure, and puts back what ran before',
  command_timeout: 'it is `wait-timeout`',
  timeout: 'for the deploy it is `wait-timeout`; connecting has a time limit of its own',
  envs: 'variables of the project go into `env`, those of a build into `build-args`',
  sync: 'one server is deployed to in a step',
  proxy_host: 'it is `ssh-jump: user@host:port`',
  proxy_port: 'it is `ssh-jump: user@host:port`',
  proxy_username: 'it is `ssh-jump: user@host:port`',
  proxy_key: 'the jump host is logged in to with `ssh-key`',
  proxy_password: 'the jump host is logged in to with the credentials of the server',
  proxy_fingerprint: 'it is a line `HOST SHA256:…` of `ssh-fingerprint`',
  use_insecure_cipher: 'it has no effect here',
  request_pty: 'it has no effect here: nothing on the server is given a terminal',
  capture_stdout: 'it has no effect here: what the server says is in the log',
  // docker/bake-action
  targets: 'bake files are not read here; a stage of the Dockerfile is `target`',
  workdir: 'the directory that is built is `context`',
  // Close, and often meant
  dockerfile: 'it is `file`',
  tag: 'it is `tags`',
  label: 'it is `labels`',
  platform: 'it is `platforms`',
  services: 'it is `service`, a line each',
  'compose-file': 'it is `compose-files`',
  token: 'it is `github-token`',
}

/** Explains an input that action.yml does not declare: its name here, or the most similar name. */
export function explainUnknown(name: string, known: readonly string[]): string {
  const why = Object.hasOwn(elsewhere, name) ? elsewhere[name] : undefined
  if (why !== undefined) return `There is no input \`${name}\`: ${why}.`
  const close = nearest(name, known)
  return close === undefined
    ? `There is no input \`${name}\`.`
    : `There is no input \`${name}\`. Did you mean \`${close}\`?`
}
