import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from '../core/command.ts'
import { architectureOf, emulatorOf, isNative } from './platforms.ts'

/** Where Linux tells which emulators it hands foreign programs to. */
const registered = '/proc/sys/fs/binfmt_misc'

/** The emulators that programs in containers can use: those that the kernel itself keeps open (flag `F`). */
export async function emulatorsHere(directory = registered): Promise<string[]> {
  const names = await readdir(directory).catch(() => [])
  const usable = await Promise.all(names.map(name => isUsable(join(directory, name))))
  return names.filter((name, place) => name.startsWith('qemu-') && usable[place])
}

async function isUsable(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.startsWith('enabled') && /^flags: .*F/m.test(text)
}

/** The platforms that a machine cannot run the programs of, neither by itself nor through an emulator. */
export function missingEmulators(
  platforms: readonly string[],
  machine: string,
  emulators: readonly string[],
): string[] {
  return platforms.filter(each => !isNative(each, machine) && !emulators.includes(emulatorOf(each)))
}

/** The same, of a builder that lists what its nodes can run. A variant is run by what runs its architecture. */
export function unlisted(platforms: readonly string[], listed: readonly string[]): string[] {
  return platforms.filter(
    each => each !== 'local' && !listed.some(known => isNative(each, known) || known === each),
  )
}

/** Registers just these emulators with the kernel of the engine's machine, until it is started anew. */
export const installCommand = (image: string, platforms: readonly string[]): Command => ({
  file: 'docker',
  args: [
    'run',
    '--rm',
    '--privileged',
    image,
    '--install',
    [...new Set(platforms.map(architectureOf))].join(','),
  ],
})
