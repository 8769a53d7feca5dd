import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, run } from './command.ts'
import type { Place } from './place.ts'
import { ensure, forget, read, write } from './record.ts'
import { architectures } from './system.ts'
import { type Say, type Unpacked, unpacked } from './unpacked.ts'

/** What the kernel is told of another architecture: its programs' first bytes, and who runs them. */
export interface Emulator {
  /** The name of the registration, as every tool gives it. */
  readonly name: string
  /** The first 20 bytes of a 64-bit little-endian ELF program or library of that machine, and which bits count. */
  readonly magic: string
  readonly mask: string
}

const bytes = (text: string): string => text.replaceAll(' ', '').replace(/../g, '\\x$&')

const elf = (machine: string): string => bytes(`7f454c46 020101 000000000000000000 0200 ${machine}`)

// The OS byte and the padding are left out, and 2 (program) and 3 (library) are the same but for one bit.
const mask = bytes('ffffffff ffffff 00ffffffffffffffff feff ffff')

/** By the architecture's name in a platform. */
export const emulators: Readonly<Record<string, Emulator>> = {
  arm64: { name: 'qemu-aarch64', magic: elf('b700'), mask },
  amd64: { name: 'qemu-x86_64', magic: elf('3e00'), mask },
  riscv64: { name: 'qemu-riscv64', magic: elf('f300'), mask },
}

/**
 * What the kernel is told: the F flag has the emulator opened at once, so that no container needs to hold it; P gives
 * it the name that a program was called by, which busybox goes by.
 */
export const registration = ({ name, magic, mask }: Emulator, binary: string): string =>
  `:${name}:M::${magic}:${mask}:${binary}:POCF`

const directory = '/proc/sys/fs/binfmt_misc'
const file = (name: string): string => join(directory, name)

/** What was changed on this machine for an emulator; taken back by {@link removeEmulator}. */
interface Changed {
  readonly registered?: string
  readonly mounted?: true
}

/** Static emulators, by the package that has them in this release. */
const packages: readonly Unpacked[] = ['qemu-user-static', 'qemu-user'].map(name => ({
  name,
  suite: 'own',
  packages: [name],
  dependencies: true,
}))

/** The static emulator's file. */
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
 * Lets this machine's kernel run programs of the other architecture (arm64 on amd64), in every namespace. One that is
 * registered already is left alone.
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

/** Makes the kernel forget an emulator by that name. */
export const unregister = (name: string): void => {
  if (existsSync(file(name))) writeFileSync(file(name), '-1')
}

/** Takes the emulator back, when it was the rig that registered it. */
export async function removeEmulator(at: Place): Promise<void> {
  const { registered, mounted } = read<Changed>(at, 'emulator') ?? {}
  if (registered && existsSync(file(registered)) && readFileSync(file(registered), 'utf8').includes(at.cache))
    unregister(registered)
  if (mounted) await attempt('umount', [directory])
  forget(at, 'emulator')
}
