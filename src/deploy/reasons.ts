const diskOrPermission =
  'Check the free disk space on the server (`df -h`), and that the SSH user may write to the project directory (`ls -ld`).'
const engine =
  'Check the Docker engine on the server (`systemctl status docker`), then deploy again: the next deploy cleans up.'
const ended =
  'The program ended on its own; the last lines of the container show why. If a setting is missing, add it with `env`.'
const command = 'Read the output of the command in the log.'

/** Remedies by reason code: one for each code that src/deploy/agent passes to `fail`. */
export const reasons = {
  cancelled: 'Run the job again.',
  'cut-off': 'Check what runs (`docker compose ps`), and run the job again: it cleans up first.',
  'lock-timeout': 'Wait for the other deploy to end and run the job again, or set a longer `lock-timeout`.',
  unsettled:
    'Read the lines above this one in the log, repair the service by hand (`docker compose up -d`), and deploy again.',
  superseded: 'No action is needed: a newer release is running. `allow-older: true` deploys this one anyway.',
  'release-unknown': 'Set `rollback-to` to a release that the log lists, or to `previous`.',

  'disk-full':
    'Free disk space on the server: `docker system df` shows what Docker uses, `docker image prune` removes unused images.',
  'not-writable': diskOrPermission,
  'path-taken': 'Move it away on the server, or upload to another path (`local -> remote` in `files`).',
  'path-is-link':
    'Upload to the target of the link (`local -> remote` in `files`), or replace the link with a file or a directory.',
  'config-invalid':
    'Read the output of Compose in the log. `docker compose config` reproduces it with the files of the repository.',

  'engine-unreachable': engine,
  'not-tagged': engine,
  'not-pinned': 'Set the image by name and tag in the compose file (`image: ghcr.io/owner/name:latest`).',
  'pull-failed': 'Read the answer of the registry in the log, check its status page, and run the job again.',
  'pull-denied':
    'The server pulls with the login of this run, unless `server-login` is false. Let that login read the package, or set `server-registry-username` and `server-registry-password`.',
  'platform-missing': 'Build for the platform of the server: add it to `platforms`.',
  'image-missing':
    'The image was deleted, or never pushed: try `docker pull` with it on the server, then run the job again.',
  'pull-timeout':
    'The log shows how far the pull came. Check the connection between the server and the registry, then run the job again.',
  'image-removed':
    'Something on the server (a prune job in cron?) removes images during the pull: make it skip recent images (`docker image prune --filter until=24h`).',
  'image-gone':
    'Something on the server removes images that are in use (`docker image prune --all`?): stop that, and deploy a release that works.',

  'dependency-not-ready':
    'The service waits for that one (`depends_on`): read its log with `docker compose logs` on the server. A slow start needs a longer `wait-timeout`.',
  'dependency-failed':
    'Read the last lines of that container in the log: services that depend on it start only after it succeeds.',
  'command-failed': command,
  'command-timeout':
    'Read the output of the command in the log. If it needs more time, set a longer `hook-timeout`.',
  'compose-failed': 'Read the output of Compose in the log.',
  // The last case is https://github.com/moby/libnetwork/issues/1790.
  'port-taken':
    'On the server, `sudo ss -ltnp` shows the program that listens on that port, and `docker ps` the container. Stop it, or publish another port (`ports`). If it is `docker-proxy` or `dockerd` and neither a container nor a Swarm service publishes the port, the engine has kept the port of a removed container: restart the engine (`sudo systemctl restart docker`) and deploy again.',
  'compose-timeout':
    'Read in the log what Compose waits for, and whether a container takes longer to stop than its `stop_grace_period`.',

  'no-container': '`docker compose ps -a` on the server shows its state. Deploy again.',
  exited: ended,
  'crash-loop': ended,
  starting:
    'Read the last lines of the container in the log. If the start is only slow, set a longer `wait-timeout`, or a `start_period` in the healthcheck.',
  unhealthy: 'Read the last lines of the container in the log, and the output of its healthcheck.',
  'healthcheck-missing':
    'Install that program in the image, or use one in the healthcheck that the image has (`wget` in Alpine and busybox).',
  'not-running': '`docker compose ps -a` on the server shows its state. Deploy again.',
  incomplete: 'Run `docker compose up -d` on the server to start the rest, then deploy again.',
  'shadow-not-started':
    'Read the output of Compose in the log. `strategy: recreate` starts no second copy of the service.',
  'not-listening':
    'The container runs, but nothing in it listens on the port that the compose file publishes: compare `ports` with the port of the app.',
  'rules-not-set':
    'Read the output of the firewall in the log, or deploy with `strategy: recreate` (with `start-first`: `withdraw: none`).',
  'no-manager':
    'Restore a majority of the managers (`docker node ls`), check the service, and deploy again: the next deploy cleans up.',
  'not-applied': 'Read the output of docker in the log.',
  'job-left': 'Read the output of the job in the log. To run it again, deploy an image that works.',
  'tasks-fail':
    'Read the errors of the tasks in the log; `docker service ps --no-trunc` on the manager lists them.',
  'update-paused':
    'Read the errors of the tasks in the log. With `failure_action: rollback` Swarm itself rolls back at the first failure.',
  'turned-back': 'Read the errors of the tasks in the log.',
  'not-whole':
    'Read the errors of the tasks in the log: a constraint, memory or a port may be missing. If the start is only slow, set a longer `wait-timeout`.',
  'updated-by-others':
    'Somebody else is updating the same service. Check what runs (`docker service inspect --pretty`), and deploy again.',
  'service-gone': 'Somebody has removed the service: create it again, and deploy.',
  'digest-mismatch': 'Something else changed the image or the containers during the deploy. Deploy again.',
  'check-failed':
    'Check what is between the service and its visitors: published ports, reverse proxy, certificate.',
  'runner-lost': 'Run the job again. `check-on-lost: keep` keeps a release that passed its health check.',

  'not-restored':
    'Read the lines above this one in the log, and deploy again: Slipway then tries again. The previous files are kept in `.slipway`.',
  'not-removed': 'Let the SSH user write to that directory (`ls -ld` shows its owner).',
  'container-not-removed':
    'Read the lines above this one in the log; `docker ps -a` on the server shows what is left.',
  'container-not-started':
    'Read the lines above this one in the log; `docker compose up -d` on the server tries again.',
  'container-not-stopped':
    'Read the lines above this one in the log; `docker compose ps` on the server shows what is left.',
} as const satisfies Readonly<Record<string, string>>

export type ReasonCode = keyof typeof reasons

/** Remedies on a Swarm by reason code, for those whose remedy above only fits a Compose host. `NAME` is the service. */
export const swarmReasons = {
  'cut-off': 'Check what runs (`docker service ps NAME`), and run the job again: it cleans up first.',
  unsettled:
    'Read the lines above this one in the log, repair the service by hand (`docker service update NAME`), and deploy again.',
  'config-invalid':
    'Read the output of docker in the log. `docker stack config` reproduces it with the files of the repository.',
  'digest-mismatch': 'Something else changed the image or the tasks during the deploy. Deploy again.',
} as const satisfies Partial<Record<ReasonCode, string>>

/** Returns the remedy for a reason code; `services` are the full names of the services on a Swarm. */
export const remedyFor = (code: ReasonCode, services?: readonly string[]): string =>
  services !== undefined && Object.hasOwn(swarmReasons, code)
    ? swarmReasons[code as keyof typeof swarmReasons].replace('NAME', services.join(' ') || 'NAME')
    : reasons[code]

/** Whether this version knows the code. Another version may have written the verdict. */
export const isReasonCode = (code: string): code is ReasonCode => Object.hasOwn(reasons, code)
