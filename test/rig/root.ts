import { spawnSync } from 'node:child_process'

/**
 * Does what only root may (namespaces and mounts are root's): here, or by running this very program anew through sudo,
 * which asks for a password where it has to. Without sudo it is done all the same, and says itself what it lacks.
 */
export async function asRoot(work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() === 0) return await work()
  console.error('Going on as root, by sudo: this makes namespaces and mounts.')
  const command = ['-E', 'env', `PATH=${process.env['PATH']}`, process.execPath, ...process.argv.slice(1)]
  const { error, status } = spawnSync('sudo', command, { stdio: 'inherit' })
  if (error === undefined) process.exitCode = status ?? 1
  else await work()
}
