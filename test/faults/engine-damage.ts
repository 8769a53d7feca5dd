import type { Lane } from './lane.ts'
import { servicesOf } from './project.ts'

// What an engine itself may have lost after it was killed while it started a container. No release can mend that.

/**
 * Kills the processes of containers that do not run for the engine, or that it no longer knows, and returns whether there
 * were any. They keep their address, which the engine then gives to another container:
 * https://github.com/moby/moby/issues/40139.
 */
export async function killForgotten({ sh }: Lane): Promise<boolean> {
  const killed = await sh(`
running=$(docker ps -q --no-trunc) || exit
pgrep -f '^[^ ]*containerd-shim-runc-v2 ' | while read -r shim; do
  id=$(tr '\\0' '\\n' <"/proc/$shim/cmdline" | sed -n '/^-id$/{n;p;}')
  case $running in *"$id"*) continue ;; esac
  echo "$id"
  pkill -KILL -P "$shim"
  kill -KILL "$shim" || :
done`)
  return killed !== ''
}

/**
 * Reports whether the engine keeps a port of a service for a container that no longer exists. Only a restart of the
 * engine frees it: https://github.com/moby/libnetwork/issues/1790.
 */
export async function hasLostPort({ sh, options }: Lane): Promise<boolean> {
  const lost = await sh(`
for port in ${Object.values(servicesOf(options)).join(' ')}; do
  publishers=$(docker ps -q --filter publish=$port) || exit
  [ "$publishers" ] || pgrep -f "[d]ocker-proxy .*-host-port $port " || :
done`)
  return lost !== ''
}
