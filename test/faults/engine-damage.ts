import type { Lane } from './lane.ts'
import { servicesOf } from './project.ts'

// What an engine itself may have lost after it was killed while it started a container. No release can mend that.

/**
 * Kills the processes of containers that do not run for the engine, or that it no longer knows, and returns whether there
 * were any. They keep their address, which the engine then gives to another container:
 * https://github.com/moby/moby/issues/40139.
 */
export async function killForgotten({ server }: Lane): Promise<boolean> {
  const { stdout } = await server.exec(`
running=$(docker ps -q --no-trunc) || exit
pgrep -f '^[^ ]*containerd-shim-runc-v2 ' | while read -r shim; do
  id=$(tr '\\0' '\\n' <"/proc/$shim/cmdline" | sed -n '/^-id$/{n;p;}')
  case $running in *"$id"*) continue ;; esac
  echo "$id"
  pkill -KILL -P "$shim"
  kill -KILL "$shim"
done`)
  return stdout !== ''
}

/**
 * Reports whether the engine keeps a port of a service for a container that no longer exists. Only a restart of the
 * engine frees it: https://github.com/moby/libnetwork/issues/1790.
 */
export async function hasLostPort({ server, options }: Lane): Promise<boolean> {
  const { stdout } = await server.exec(
    Object.values(servicesOf(options))
      .map(
        port =>
          `[ "$(docker ps -q --filter publish=${port})" ] || pgrep -f '[d]ocker-proxy .*-host-port ${port} '`,
      )
      .join('\n'),
  )
  return stdout !== ''
}
