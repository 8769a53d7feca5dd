const room = 'Is there room on the disk of the server, and may the user write in the project directory?'
const engine =
  'Look at the engine on the server (`systemctl status docker`), then deploy again: that settles what was left.'
const ended =
  'The program ended by itself: the last lines of the container, above, say why. A setting that it lacks is given by `env`.'
const command = 'Look at what the command said in the log.'

/** Why the transaction stopped: each code that src/deploy/agent gives to `fail`, with what to do about it. */
export const reasons = {
  cancelled: 'Run the job again.',
  'cut-off': 'Look at what serves, and run the job again: that settles what was left.',
  'lock-timeout': 'Wait for the other deploy to end, or give a longer `lock-timeout`.',
  unsettled:
    'Look at what the log says above it, put the service right by hand (`docker compose up -d`), and deploy again.',
  superseded: 'No action is needed: a newer release is running. `allow-older: true` deploys this one anyway.',
  'release-unknown': 'Name one that the log lists, or `previous`.',

  'disk-full': 'Make room on the server: `docker system df` shows what takes it.',
  'not-writable': room,
  'path-taken':
    'Something has its place on the server: move it away, or bring the file elsewhere (`local -> remote`).',
  'path-is-link': 'Bring it to where the link leads, or put a file or a directory in the place of the link.',
  'config-invalid':
    'Look at what Compose said in the log: `docker compose config` with the files of the repository.',

  'engine-unreachable': engine,
  'not-tagged': engine,
  'not-pinned': 'Declare the image by name and tag in the compose file (`image: ghcr.io/owner/name:latest`).',
  'pull-failed': 'Look at what the registry said in the log, and at its status page; then run the job again.',
  'pull-denied':
    'The server pulls with the login of this run, unless `server-login` is false: let that login read the package, or give the server its own (`server-registry-username`, `server-registry-password`).',
  'platform-missing': 'Build the image for the platform of the server: name it in `platforms`.',
  'image-missing':
    'The image was removed, or was never there: `docker pull` of it on the server says which; then run the job again.',
  'pull-timeout':
    'Look at how far it came in the log, and at the connection between the server and the registry; then run the job again.',
  'image-removed':
    'Something removes images on the server while they are pulled (a prune by cron?): let it leave out recent ones (`--filter until=24h`).',
  'image-gone':
    'Something removes images on the server that are in use (a prune with `--all`); deploy a release that works.',

  'dependency-not-ready':
    'The service waits for another one, by `depends_on`: look at what that one says in its log.',
  'dependency-failed':
    'Look at the last lines of that container: what waits for it can start only once it has done its work.',
  'command-failed': command,
  'command-timeout':
    'Look at what the command said in the log; give a longer `hook-timeout` where it needs more.',
  'compose-failed': 'Look at what Compose said in the log.',
  'port-taken':
    '`ss -ltnp` on the server names what listens on that port, `docker ps` which container has it: stop it, or publish another port.',
  'compose-timeout':
    'Look at what Compose said in the log: what it waits for, and whether a container takes longer to stop than its `stop_grace_period`.',

  'no-container': '`docker compose ps -a` on the server shows what became of it; deploy again.',
  exited: ended,
  'crash-loop': ended,
  starting:
    'Look at the last lines of the container. A slow start needs a longer `wait-timeout`, or a `start_period` in its healthcheck.',
  unhealthy: 'Look at the last lines of the container, and at what its healthcheck answered.',
  'healthcheck-missing':
    'Add that program to the image, or let the healthcheck run one that the image has (`wget` in Alpine and busybox).',
  'not-running': '`docker compose ps -a` on the server shows what became of it; deploy again.',
  incomplete: '`docker compose up -d` on the server brings the rest; then deploy again.',
  'shadow-not-started':
    'Look at what Compose said in the log; `strategy: recreate` starts no second copy of the service.',
  'not-listening':
    'The container runs, and nothing in it listens on the port that the compose file publishes: compare `ports` with what the app listens on.',
  'rules-not-set': 'Look at what the firewall said in the log, or deploy with `strategy: recreate`.',
  'digest-mismatch': 'Something else changed the image or the containers meanwhile: deploy again.',
  'check-failed':
    'See what stands between the service and its visitors: its ports, the proxy, the certificate.',
  'runner-lost': 'Run the job again. `check-on-lost: keep` keeps a release that passed its health check.',

  'not-restored':
    'Look at what the log says above it, and deploy again: that tries once more. What was there before is in `.slipway`.',
  'not-removed': 'May the user write in that directory?',
  'container-not-removed':
    'Look at what the log says above it; `docker ps -a` on the server shows what is left.',
  'container-not-started':
    'Look at what the log says above it; `docker compose up -d` on the server tries again.',
  'container-not-stopped':
    'Look at what the log says above it; `docker compose ps` on the server shows what is left.',
} as const satisfies Readonly<Record<string, string>>

export type ReasonCode = keyof typeof reasons

/** A version of Slipway may meet the verdict of another one, whose codes it does not know. */
export const isReasonCode = (code: string): code is ReasonCode => Object.hasOwn(reasons, code)
