/**
 * What to do about a deploy that ended in a stage of the transaction, for a reason: by the reason where one says enough,
 * as many can come in any stage, else by the stage.
 */
export function remedyOf(stage: string, reason: string): string | undefined {
  const found = byReason.find(([pattern]) => pattern.test(reason))
  return found?.[1] ?? byStage[stage]
}

const room = 'Is there room on the disk of the server, and may the user write in the project directory?'
const engine =
  'Look at the engine on the server (`systemctl status docker`), then deploy again: that settles what was left.'

/** As the script words it, see deploy/agent. */
const byReason: readonly (readonly [reason: RegExp, remedy: string])[] = [
  [/^cancelled/, 'Run the job again.'],
  [/\bcut off\b/, 'Look at what serves, and run the job again: that settles what was left.'],
  [/^gave up waiting/, 'Wait for the other deploy to end, or give a longer `lock-timeout`.'],
  [/^there is no room left/, 'Make room on the server: `docker system df` shows what takes it.'],
  [/docker engine (?:does|did) not| cannot be named /, engine],
  [
    / could not be put back$/,
    'Look at what the log says above it, and deploy again: that tries once more. What was there before is in `.slipway`.',
  ],
  [/^what was .* could not be taken away$/, 'May the user write in that directory?'],
  [/ (?:cannot|could not) be (?:written|copied|recorded|prepared|listed|put|read)\b/, room],
  [
    /^Compose does not take the project/,
    'Look at what Compose said in the log: `docker compose config` with the files of the repository.',
  ],
  [/ has no release /, 'Name one that the log lists, or `previous`.'],
  [
    / could not be settled$/,
    'Look at what the log says above it, put the service right by hand (`docker compose up -d`), and deploy again.',
  ],
  [
    / of the later run /,
    'Nothing is to be done: a newer release serves already. `allow-older: true` deploys all the same.',
  ],
  [
    / is not [^\s,]+ after \S+ s$/,
    'The service waits for another one, by `depends_on`: look at what that one says in its log.',
  ],
  [
    / cannot be pinned to /,
    'Declare the image by name and tag in the compose file (`image: ghcr.io/owner/name:latest`).',
  ],
  [
    / is (?:no|a) directory$/,
    'Something has its place on the server: move it away, or bring the file elsewhere (`local -> remote`).',
  ],
  [
    / is a link to /,
    'Bring it to where the link leads, or put a file or a directory in the place of the link.',
  ],
  [
    / (?:has not all its containers|was not made anew)$/,
    '`docker compose up -d` on the server brings the rest; then deploy again.',
  ],
  [
    / could not be removed$/,
    'Look at what the log says above it; `docker ps -a` on the server shows what is left.',
  ],
  [
    / could not be started again$/,
    'Look at what the log says above it; `docker compose up -d` on the server tries again.',
  ],
  [
    / could not be stopped again$/,
    'Look at what the log says above it; `docker compose ps` on the server shows what is left.',
  ],
  [
    /^the image that ran is gone$/,
    'Something removes images on the server that are in use (a prune with `--all`); deploy a release that works.',
  ],
]

/** By the transaction's stage that failed. */
const byStage: Readonly<Record<string, string>> = {
  pull: 'Look at what the registry said in the log; the server pulls with the login of this run, unless `server-login` is false.',
  up: 'Look at what Compose said in the log.',
  gate: 'Look at the last lines of the container. A slow start needs a longer `wait-timeout`, or a `start_period` in its healthcheck.',
  check: 'Look at what Compose said in the log: `docker compose config` with the files of the repository.',
  before: 'Look at what the command said in the log; the release that runs was not touched.',
  after: 'Look at what the command said in the log.',
  front: 'See what stands between the service and its visitors: its ports, the proxy, the certificate.',
  verify: 'Something else changed the image or the containers meanwhile: deploy again.',
}
