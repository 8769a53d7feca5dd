/** Names that `uname -m` and people use for what images call otherwise. */
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

/** Go's names, as images have them. */
const architectures = [
  ...['amd64', 'arm64', 'arm', '386', 'riscv64', 'ppc64le', 'ppc64', 's390x', 'loong64', 'wasm'],
  ...['mips', 'mipsle', 'mips64', 'mips64le'],
]

/**
 * Returns a platform by the name that images have for it: `arm64`, `Linux/ARM64` and an engine's `linux/aarch64` are
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

/** Whether a text is a platform as images name it, or `local`, which buildx takes for the builder's own. */
export const isPlatform = (text: string): boolean =>
  text === 'local' || /^[a-z0-9]+\/[a-z0-9_]+(?:\/[a-z0-9.]+)?$/.test(text)

/** Returns the architecture of a platform without its variant: `linux/arm/v7` is `arm`. */
export const architectureOf = (platform: string): string => platform.split('/')[1] ?? platform

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
