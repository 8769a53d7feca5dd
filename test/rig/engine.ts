import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { cgroupOf } from './cgroups.ts'
import type { OwnFile } from './layout.ts'
import { attemptInside, launchInside, type Machine } from './machine.ts'
import type { Place } from './place.ts'
import { until } from './until.ts'

/** How an engine keeps its images: `containerd`'s snapshotters, or the `classic` graph drivers. */
export type Store = 'containerd' | 'classic'

/** What an engine's daemon.json says beside what the rig needs. */
export type EngineSettings = Readonly<Record<string, unknown>>

/** The files of an engine: its configuration where every engine looks for it. */
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

/** The engine's socket as the host sees it. Inside, it is /var/run/docker.sock, as on any server. */
export const socketOf = (machine: Machine): string => join(machine.directory, 'root/rig/docker.sock')

/** Whether an engine answers at a socket. */
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

/** Starts the machine's engine, and waits until it serves. */
export async function startEngine(machine: Machine): Promise<void> {
  const sockets = ['/var/run/docker.sock', '/rig/docker.sock'].flatMap(path => ['-H', `unix://${path}`])
  await launchInside(machine, ['dockerd', ...sockets], 'engine')
  await until(
    async () => (await isServing(socketOf(machine))) || undefined,
    () => `the engine of ${machine.name} does not serve:\n${log(machine)}`,
    60_000,
  )
}

/**
 * Ends the machine's engine, by SIGTERM (its containers are stopped) or by SIGKILL, and waits until its process
 * and that of its containerd are gone.
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
