/** Other names of architectures, from `uname -m` and common usage, with the names that images use. */
const aliases: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  armv8l: 'arm/v7',
  armv7l: 'arm/v7',
  armhf: 'arm/v7',
  armv6l: 'arm/v6',
  armel: 'arm/v6',
  i386: '386',
  i686: '386',
  loongarch64: 'loong64',
}

/** The architectures by their Go names, which images use. */
const architectures = [
  ...['amd64', 'arm64', 'arm', '386', 'riscv64', 'ppc64le', 'ppc64', 's390x', 'loong64', 'wasm'],
  ...['mips', 'mipsle', 'mips64', 'mips64le'],
]

/**
 * Returns the name of a platform that images use: `arm64`, `Linux/ARM64` and an engine's `linux/aarch64` become
 * `linux/arm64`.
 */
export function normalizePlatform(text: string): string {
  const [first = '', ...rest] = text.toLowerCase().split('/')
  const architecture = aliases[first] ?? first
  if (architectures.includes(architectureIn(architecture))) return ['linux', architecture, ...rest].join('/')
  const [second, ...variant] = rest
  return [first, ...(second === undefined ? [] : [aliases[second] ?? second]), ...variant].join('/')
}

const architectureIn = (text: string): string => text.split('/')[0] ?? ''

/** Reports whether a text is a platform as images name it, or `local`, buildx's name for the builder's own platform. */
export const isPlatform = (text: string): boolean =>
  text === 'local' || /^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9.]+)?$/.test(text)

/** Returns the architecture of a platform without its variant: `linux/arm/v7` is `arm`. */
export const architectureOf = (platform: string): string => platform.split('/')[1] ?? platform

/** Additional architectures that a processor runs without an emulator. */
const alsoNative: Readonly<Record<string, readonly string[]>> = {
  amd64: ['386'],
  arm64: ['arm'],
  arm: ['arm'],
}

/**
 * Reports whether a machine (`linux/amd64`) runs programs of a platform (`linux/amd64/v2`, `linux/386`) without an
 * emulator.
 */
export function isNative(platform: string, machine: string): boolean {
  if (platform === 'local') return true
  const [system, architecture = ''] = platform.split('/')
  const [machineSystem, processor = ''] = machine.split('/')
  return (
    system === machineSystem &&
    (architecture === processor || (alsoNative[processor] ?? []).includes(architecture))
  )
}
