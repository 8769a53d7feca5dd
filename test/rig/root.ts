import { spawnSync } from 'node:child_process'

/**
 * Runs `work` as root, which it needs for namespaces and mounts. If this process is not root, runs the same program
 * through sudo, which may ask for a password. Without sudo, runs `work` anyway: it reports which permissions it lacks.
 * Everything that it starts has the usual umask: with 077, no user of a rig's server could enter its directories.
 */
export async function asRoot(work: () => Promise<void>): Promise<void> {
  process.umask(0o022)
  if (process.getuid?.() === 0) return await work()
  console.error('Restarting as root with sudo: the rig creates namespaces and mounts.')
  const command = ['-E', 'env', `PATH=${process.env['PATH']}`, process.execPath, ...process.argv.slice(1)]
  const { error, status } = spawnSync('sudo', command, { stdio: 'inherit' })
  if (error === undefined) process.exitCode = status ?? 1
  else await work()
}
