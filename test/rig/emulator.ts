import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, run } from './command.ts'
import type { Place } from './place.ts'
import { ensure, forget, read, write } from './record.ts'
import { architectures } from './system.ts'
import { type Say, type Unpacked, unpacked } from './unpacked.ts'

/** An emulator, and how the kernel recognizes the programs of its architecture. */
export interface Emulator {
  /** The name of the registration, the same with every tool. */
  readonly name: string
  /** The first 20 bytes of a 64-bit little-endian ELF program or library of the architecture. */
  readonly magic: string
  /** The bits of `magic` that are compared. */
  readonly mask: string
}

const bytes = (text: string): string => text.replaceAll(' ', '').replace(/../g, '\\x$&')

const elf = (machine: string): string => bytes(`7f454c46 020101 000000000000000000 0200 ${machine}`)

// Ignores the OS byte and the padding. Types 2 (program) and 3 (library) differ in one bit, which is ignored as well.
const mask = bytes('ffffffff ffffff 00ffffffffffffffff feff ffff')

/** Emulators by the name of the architecture in a platform. */
export const emulators: Readonly<Record<string, Emulator>> = {
  arm64: { name: 'qemu-aarch64', magic: elf('b700'), mask },
  amd64: { name: 'qemu-x86_64', magic: elf('3e00'), mask },
  riscv64: { name: 'qemu-riscv64', magic: elf('f300'), mask },
}

/**
 * Returns the registration line for binfmt_misc. Flag F makes the kernel open the emulator right away, so that
 * containers do not need it. Flag P passes on argv[0], from which busybox chooses its command.
 */
export const registration = ({ name, magic, mask }: Emulator, binary: string): string =>
  `:${name}:M::${magic}:${mask}:${binary}:POCF`

const directory = '/proc/sys/fs/binfmt_misc'
const file = (name: string): string => join(directory, name)

/** What was changed on this machine for an emulator. {@link removeEmulator} undoes it. */
interface Changed {
  readonly registered?: string
  readonly mounted?: true
}

/** The packages that contain the static emulators, depending on the release. */
const packages: readonly Unpacked[] = ['qemu-user-static', 'qemu-user'].map(name => ({
  name,
  suite: 'own',
  packages: [name],
  dependencies: true,
}))

/** Returns the path of the static emulator. Downloads its package if necessary. */
export async function binaryOf(at: Place, { name }: Emulator, say: Say): Promise<string> {
  const tried: string[] = []
  for (const wanted of packages)
    try {
      const folder = await unpacked(at, wanted, say)
      const found = [`${name}-static`, name].map(binary => join(folder, 'usr/bin', binary)).find(existsSync)
      if (found) return found
    } catch (error) {
      tried.push(String(error))
    }
  throw new Error(`No static ${name} in the packages of this machine's release. ${tried.join('\n')}`)
}

/**
 * Registers an emulator with this machine's kernel, so that it runs programs of the other architecture (arm64 on amd64)
 * in every namespace. Does nothing if one is registered already.
 */
export const ensureEmulator = async (at: Place, say: Say): Promise<void> => {
  const { other } = await architectures()
  const emulator = emulators[other]
  if (!emulator) throw new Error(`no emulator known for ${other}`)
  const isRegistered = (): true | undefined => (existsSync(file(emulator.name)) ? true : undefined)
  await ensure(at, 'emulator', isRegistered, async () => {
    const binary = await binaryOf(at, emulator, say)
    const mounted = !existsSync(file('register'))
    say(`Registering ${emulator.name} with this machine's kernel`)
    write(at, 'emulator', { registered: emulator.name, ...(mounted ? { mounted } : {}) })
    if (mounted) await run('mount', ['-t', 'binfmt_misc', 'binfmt_misc', directory])
    if (!isRegistered()) writeFileSync(file('register'), registration(emulator, binary))
    return true
  })
}

/** Removes the registration of that name from the kernel. */
export const unregister = (name: string): void => {
  if (existsSync(file(name))) writeFileSync(file(name), '-1')
}

/** Removes the emulator's registration and mount, if the rig created them. */
export async function removeEmulator(at: Place): Promise<void> {
  const { registered, mounted } = read<Changed>(at, 'emulator') ?? {}
  if (registered && existsSync(file(registered)) && readFileSync(file(registered), 'utf8').includes(at.cache))
    unregister(registered)
  if (mounted) await attempt('umount', [directory])
  forget(at, 'emulator')
}
