import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from './place.ts'
import { isDebian } from './system.ts'
import { type Say, type Unpacked, unpacked } from './unpacked.ts'

/** The available engines, named after the Debian suite that they come from. */
export type Suite = 'sid' | 'trixie' | 'bookworm'

const engine = ['docker.io', 'docker-cli', 'docker-buildx', 'docker-compose', 'containerd']

const suites: Readonly<Record<Suite, Unpacked>> = {
  sid: { name: 'sid', suite: 'sid', packages: [...engine, 'tini-static'] },
  trixie: { name: 'trixie', suite: 'trixie', packages: [...engine, 'tini'] },
  // Compose v1 needs its Python modules, hence the dependencies. docker.io contains the client, and there is no buildx.
  bookworm: {
    name: 'bookworm',
    suite: 'bookworm',
    packages: ['docker.io', 'docker-compose', 'containerd'],
    dependencies: true,
  },
}

/** On Ubuntu, its own engine replaces sid's. The other two engines exist only on Debian. */
const ubuntu: Unpacked = {
  name: 'ubuntu',
  suite: 'own',
  packages: ['docker.io', 'docker-buildx', 'docker-compose-v2', 'containerd'],
  dependencies: true,
}

/** What servers and registries need besides an engine, from this machine's release so that it fits its libraries. */
const tools: Unpacked = {
  name: 'tools',
  suite: 'own',
  packages: ['openssh-server', 'sudo', 'fish', 'tcsh', 'runc', 'iptables', 'docker-registry', 'procps'],
  dependencies: true,
}

export const toolsOf = (at: Place, say: Say): Promise<string> => unpacked(at, tools, say)

/** Returns the directory of an additional package for a server, with its dependencies. */
export const packageOf = (at: Place, name: string, say: Say): Promise<string> =>
  unpacked(at, { name, suite: 'own', packages: [name], dependencies: true }, say)

export const engineOf = (at: Place, suite: Suite, say: Say): Promise<string> =>
  unpacked(at, suite === 'sid' && !isDebian() ? ubuntu : suites[suite], say)

/** Returns the path of a static busybox for an architecture. */
export async function busyboxOf(at: Place, architecture: string, say: Say): Promise<string> {
  const wanted = {
    name: `busybox-${architecture}`,
    suite: 'own',
    packages: [`busybox-static:${architecture}`],
  }
  return join(await unpacked(at, wanted, say), 'usr/bin/busybox')
}

/** Returns the path of a program in unpacked packages, which install programs in different directories. */
export function programIn(unpacked: string, name: string): string {
  const folders = ['usr/bin', 'usr/sbin']
  const found = folders.map(folder => join(unpacked, folder, name)).find(existsSync)
  if (!found) throw new Error(`no ${name} in ${folders.join(' or ')} of ${unpacked}`)
  return found
}

/**
 * Returns the script that prepares a machine for an engine. It links iptables to the name that engines call, because
 * unpacking a package does not set up alternatives. If the engine's suite has no Compose plugin, it removes the host's.
 */
export const prepareEngine = (suite: Suite): string => `for name in iptables ip6tables; do
  command -v "$name" >/dev/null || ln -s xtables-nft-multi "/usr/sbin/$name"
done
${suite === 'bookworm' ? 'rm -rf /usr/libexec/docker/cli-plugins /usr/lib/docker/cli-plugins\n' : ''}`
