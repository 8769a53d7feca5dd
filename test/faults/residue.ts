import type { Lane } from './lane.ts'
import { namesOf } from './project.ts'

/** Returns everything on a server that deploys must not leave there, a line each. */
export async function residue(lane: Lane, registry: string): Promise<string[]> {
  const services = namesOf(lane.options).length
  const { code, stdout, stderr } = await lane.server.exec(
    `cd ${lane.directory} || exit\n${findResidue(registry, services)}`,
  )
  if (code !== 0) throw new Error(`looking for residue: exit ${code}\n${stdout}${stderr}`)
  return stdout.split('\n').filter(Boolean)
}

/**
 * Makes the run directories two hours old. A deploy whose verdict the runner did not read keeps its directory for an
 * hour, and the next deploy then removes it.
 */
export const letAnHourPass = async ({ sh, state }: Lane): Promise<void> => {
  await sh(`find ${state}/runs -mindepth 1 -maxdepth 1 -exec touch -d '2 hours ago' {} + 2>/dev/null || :`)
}

const findResidue = (registry: string, services: number): string => `
find .slipway/*/runs -mindepth 1 -maxdepth 1 | sed 's/^/run: /'
find .slipway/*/record .slipway/*/record.new .slipway/*/closed .slipway/*/broken -maxdepth 0 2>/dev/null | sed 's/^/record: /'
find . -name '*.new' -o -name '?*.slipway' -o -name 'ended.*' | sed 's/^/file: /'
find .slipway/*/lock -type l | sort | head -n -8 | sed 's/^/lock: /'
find .slipway/*/releases -name release | tail -n +${services + 1} | sed 's/^/release: /'
grep -rlF '${registry}' /root /home /tmp /run /dev/shm --include=config.json 2>/dev/null | sed 's/^/login: /'
find /tmp /dev/shm /var/tmp -newer /etc/passwd -mindepth 1 ! -name 'runc-process*' 2>/dev/null | sed 's/^/temporary: /'
docker ps -a --format '{{.Names}} {{.State}}' | grep -v '^app-web-1 running$\\|^app-worker-1 running$\\|^app-side-1 running$\\|^app-proxy-1 running$\\|^app-db-1 \\|^app-migrate-1 exited$\\|^stranger ' | sed 's/^/container: /'
docker images --format '{{.Repository}}:{{.Tag}}' slipway/kept | tail -n +${6 * services + 1} | sed 's/^/image: /'
find .slipway/*/relay .slipway/*/shadows -maxdepth 0 2>/dev/null | sed 's/^/relay: /'
for tool in iptables ip6tables; do $tool -w 5 -t nat -S 2>/dev/null | grep slipway: | sed 's/^/rule: /'; done
exit 0
`
