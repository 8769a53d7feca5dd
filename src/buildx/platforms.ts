import type { Findings } from '../core/findings.ts'
import { list } from '../inputs/lists.ts'

/** Names that `uname -m` and people use for what images call otherwise. */
const aliases: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  armhf: 'arm/v7',
  armv7l: 'arm/v7',
  armel: 'arm/v6',
  armv6l: 'arm/v6',
  i386: '386',
  i686: '386',
}

/** The platforms to build for: `linux/amd64,linux/arm/v7`; an architecture alone is `linux/<it>`. */
export function planPlatforms(text: string, findings: Findings): string[] {
  const platforms = list(text, 'platforms', findings).map(normalize)
  for (const platform of platforms.filter(each => !isPlatform(each))) {
    findings.problems.push({
      input: 'platforms',
      cause: `\`platforms\` names \`${platform}\`, which is no platform.`,
      remedy: 'Write the platforms of the image, such as `linux/amd64,linux/arm64`.',
    })
  }
  return [...new Set(platforms)]
}

/** Go's names, as images have them. */
const architectures = [
  ...['amd64', 'arm64', 'arm', '386', 'riscv64', 'ppc64le', 'ppc64', 's390x', 'loong64', 'wasm'],
  ...['mips', 'mipsle', 'mips64', 'mips64le'],
]

/** A platform by its usual name: `arm64`, `linux/aarch64` and `Linux/ARM64` are `linux/arm64`. */
export function normalize(text: string): string {
  const [first = '', ...rest] = text.toLowerCase().split('/')
  const architecture = aliases[first] ?? first
  if (architectures.includes(architecture.split('/')[0] ?? ''))
    return ['linux', architecture, ...rest].join('/')
  const [second, ...variant] = rest
  return [first, ...(second === undefined ? [] : [aliases[second] ?? second]), ...variant].join('/')
}

const isPlatform = (text: string): boolean =>
  text === 'local' || /^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9.]+)?$/.test(text)

/** What else a processor runs by itself, without an emulator. */
const alsoNative: Readonly<Record<string, readonly string[]>> = {
  amd64: ['386'],
  arm64: ['arm'],
  arm: ['arm'],
}

/** Whether a machine (`linux/amd64`) runs programs of a platform (`linux/amd64/v2`, `linux/386`) by itself. */
export function isNative(platform: string, machine: string): boolean {
  if (platform === 'local') return true
  const [system, architecture = ''] = platform.split('/')
  const [ownSystem, own = ''] = machine.split('/')
  return system === ownSystem && (architecture === own || (alsoNative[own] ?? []).includes(architecture))
}

/** What an emulator is called: `binfmt --install arm64`, which registers `qemu-aarch64`. */
const emulators: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  arm64: 'aarch64',
  '386': 'i386',
  mips64le: 'mips64el',
  loong64: 'loongarch64',
}

/** The architecture of a platform without its variant: `linux/arm/v7` is `arm`. */
export const architectureOf = (platform: string): string => platform.split('/')[1] ?? platform

/** The name that an emulator has in /proc/sys/fs/binfmt_misc. */
export function emulatorOf(platform: string): string {
  const architecture = architectureOf(platform)
  return `qemu-${emulators[architecture] ?? architecture}`
}
