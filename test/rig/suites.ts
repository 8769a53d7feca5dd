import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from './place.ts'
import { isDebian } from './system.ts'
import { type Say, type Unpacked, unpacked } from './unpacked.ts'

/** The engines to be had, by the Debian suite that they come from. */
export type Suite = 'sid' | 'trixie' | 'bookworm'

const engine = ['docker.io', 'docker-cli', 'docker-buildx', 'docker-compose', 'containerd']

const suites: Readonly<Record<Suite, Unpacked>> = {
  sid: { name: 'sid', suite: 'sid', packages: [...engine, 'tini-static'] },
  trixie: { name: 'trixie', suite: 'trixie', packages: [...engine, 'tini'] },
  // Compose v1 is Python: it comes with its modules. The client is part of docker.io here, and there is no buildx.
  bookworm: {
    name: 'bookworm',
    suite: 'bookworm',
    packages: ['docker.io', 'docker-compose', 'containerd'],
    dependencies: true,
  },
}

/** Ubuntu's own engine stands in for sid's; the others are Debian's alone. */
const ubuntu: Unpacked = {
  name: 'ubuntu',
  suite: 'own',
  packages: ['docker.io', 'docker-buildx', 'docker-compose-v2', 'containerd'],
  dependencies: true,
}

/** What a server and the registry need besides an engine, in the version that fits this machine's libraries. */
const tools: Unpacked = {
  name: 'tools',
  suite: 'own',
  packages: ['openssh-server', 'sudo', 'fish', 'tcsh', 'runc', 'iptables', 'docker-registry', 'procps'],
  dependencies: true,
}

export const toolsOf = (at: Place, say: Say): Promise<string> => unpacked(at, tools, say)

/** A package that some servers have besides, with what it depends on. */
export const packageOf = (at: Place, name: string, say: Say): Promise<string> =>
  unpacked(at, { name, suite: 'own', packages: [name], dependencies: true }, say)

export const engineOf = (at: Place, suite: Suite, say: Say): Promise<string> =>
  unpacked(at, suite === 'sid' && !isDebian() ? ubuntu : suites[suite], say)

/** A static busybox for an architecture: its file. */
export async function busyboxOf(at: Place, architecture: string, say: Say): Promise<string> {
  const wanted = {
    name: `busybox-${architecture}`,
    suite: 'own',
    packages: [`busybox-static:${architecture}`],
  }
  return join(await unpacked(at, wanted, say), 'usr/bin/busybox')
}

/** Packages do not agree on the folder of a program. */
export function programIn(unpacked: string, name: string): string {
  const folders = ['usr/bin', 'usr/sbin']
  const found = folders.map(folder => join(unpacked, folder, name)).find(existsSync)
  if (!found) throw new Error(`no ${name} in ${folders.join(' or ')} of ${unpacked}`)
  return found
}

/**
 * What every machine with an engine does first: iptables by the name that engines call, which a mere unpacking
 * lacks; and where the engine's suite has no Compose plugin, the host's own is taken out of sight.
 */
export const prepareEngine = (suite: Suite): string => `for name in iptables ip6tables; do
  command -v "$name" >/dev/null || ln -s xtables-nft-multi "/usr/sbin/$name"
done
${suite === 'bookworm' ? 'rm -rf /usr/libexec/docker/cli-plugins /usr/lib/docker/cli-plugins\n' : ''}`
