import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { cgroupOf } from './cgroups.ts'
import type { OwnFile } from './layout.ts'
import { attemptInside, launchInside, type Machine } from './machine.ts'
import type { Place } from './place.ts'
import { until } from './until.ts'

/** How an engine stores its images: with `containerd` snapshotters or with the `classic` graph drivers. */
export type Store = 'containerd' | 'classic'

/** Additional settings for an engine's daemon.json. They override those of the rig. */
export type EngineSettings = Readonly<Record<string, unknown>>

/** Returns the configuration file of an engine, at its default path. */
export function engineFiles(
  at: Place,
  machine: string,
  store: Store,
  settings: EngineSettings = {},
): Record<string, OwnFile> {
  const configuration = {
    features: { 'containerd-snapshotter': store === 'containerd' },
    'insecure-registries': [`${at.network}.0/24`],
    'cgroup-parent': cgroupOf(at, machine),
    'log-level': 'warn',
    ...settings,
  }
  return { '/etc/docker/daemon.json': { text: `${JSON.stringify(configuration, undefined, 2)}\n` } }
}

/** Returns the path of the engine's socket on the host. On the machine it is /var/run/docker.sock, as on any server. */
export const socketOf = (machine: Machine): string => join(machine.directory, 'root/rig/docker.sock')

/** Reports whether an engine answers at a socket. */
export const isServing = (socketPath: string): Promise<boolean> =>
  new Promise(resolve => {
    request({ socketPath, path: '/_ping', timeout: 10_000 }, response => {
      response.resume()
      resolve(response.statusCode === 200)
    })
      .on('error', () => resolve(false))
      .on('timeout', () => resolve(false))
      .end()
  })

const log = (machine: Machine): string =>
  readFileSync(join(machine.directory, 'engine.log'), 'utf8').slice(-3000)

/** Starts the machine's engine and waits until it answers. */
export async function startEngine(machine: Machine): Promise<void> {
  const sockets = ['/var/run/docker.sock', '/rig/docker.sock'].flatMap(path => ['-H', `unix://${path}`])
  await launchInside(machine, ['dockerd', ...sockets], 'engine')
  await until(
    async () => (await isServing(socketOf(machine))) || undefined,
    () => `the engine of ${machine.name} does not answer:\n${log(machine)}`,
    60_000,
  )
}

/**
 * Stops the machine's engine with SIGTERM (which also stops its containers) or SIGKILL, and waits until its process and
 * that of its containerd have exited.
 */
export async function stopEngine(machine: Machine, signal: 'TERM' | 'KILL' = 'TERM'): Promise<void> {
  const script = `
    engine=$(cat /run/docker.pid) || exit 0
    containerd=$(cat /run/docker/containerd/containerd.pid 2>/dev/null) || containerd=
    kill -${signal} "$engine"
    while kill -0 "$engine" 2>/dev/null || { test "$containerd" && kill -0 "$containerd" 2>/dev/null; }; do sleep 0.05; done
    rm -f /run/docker.pid`
  const ended = await attemptInside(machine, ['sh', '-c', script], { timeout: 60_000 })
  if (ended.code !== 0) throw new Error(`the engine of ${machine.name} does not stop: ${ended.stderr}`)
}
