import { normalizePlatform } from '../../image/platform.ts'

/**
 * Whether an engine takes an image that is there for these platforms: its own, or an older one of its family, as
 * containerd matches them (github.com/containerd/platforms, `platformVector`).
 */
export function fits(wanted: string, built: readonly string[]): boolean {
  const accepted = family(canonical(wanted))
  return built.some(platform => accepted.includes(canonical(platform)))
}

/** An architecture alone means one of its variants: `arm` is `arm/v7`, `arm64/v8` is `arm64`. */
const canonical = (platform: string): string =>
  normalizePlatform(platform)
    .replace(/\/arm$/, '/arm/v7')
    .replace(/\/arm64\/v8$/, '/arm64')
    .replace(/\/amd64\/v1$/, '/amd64')

/** From the newest to the oldest; each takes what follows it. */
const families = [
  ['amd64/v4', 'amd64/v3', 'amd64/v2', 'amd64', '386'],
  ['arm64', 'arm/v8', 'arm/v7', 'arm/v6', 'arm/v5'],
]

function family(platform: string): string[] {
  const slash = platform.indexOf('/')
  const [system, own] = [platform.slice(0, slash), platform.slice(slash + 1)]
  const members = families.find(each => each.includes(own)) ?? [own]
  return members.slice(members.indexOf(own)).map(each => `${system}/${each}`)
}
