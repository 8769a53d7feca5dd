import { readFileSync } from 'node:fs'
import { run } from './command.ts'

/** Returns the fields of /etc/os-release. */
export const operatingSystem = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Array.from(readFileSync('/etc/os-release', 'utf8').matchAll(/^(\w+)="?(.*?)"?$/gm), ([, name, value]) => [
      name,
      value,
    ]),
  )

export const isDebian = (): boolean => operatingSystem()['ID'] === 'debian'

/** Returns this machine's architecture, and the second one that images are built for. */
export const architectures = async (): Promise<{ own: string; other: string }> => {
  const own = (await run('dpkg', ['--print-architecture'])).trim()
  return { own, other: own === 'arm64' ? 'amd64' : 'arm64' }
}
