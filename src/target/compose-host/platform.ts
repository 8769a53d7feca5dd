import { normalizePlatform } from '../../image/platform.ts'

/**
 * Reports whether an engine of one platform can run an image of the others. It can if one of them is the same platform
 * or an older one of its family, as containerd matches them (github.com/containerd/platforms, `platformVector`).
 */
export function canRun(engine: string, image: readonly string[]): boolean {
  const accepted = olderVariants(canonical(engine))
  return image.some(platform => accepted.includes(canonical(platform)))
}

/** Normalizes default variants: `arm` is `arm/v7`, `arm64/v8` is `arm64`. */
const canonical = (platform: string): string =>
  normalizePlatform(platform)
    .replace(/\/arm$/, '/arm/v7')
    .replace(/\/arm64\/v8$/, '/arm64')
    .replace(/\/amd64\/v1$/, '/amd64')

/** Variants from the newest to the oldest; each can run those after it. */
const families = [
  ['amd64/v4', 'amd64/v3', 'amd64/v2', 'amd64', '386'],
  ['arm64', 'arm/v8', 'arm/v7', 'arm/v6', 'arm/v5'],
]

/** Returns the platform itself and the older ones of its family. */
function olderVariants(platform: string): string[] {
  const slash = platform.indexOf('/')
  const [system, own] = [platform.slice(0, slash), platform.slice(slash + 1)]
  const members = families.find(each => each.includes(own)) ?? [own]
  return members.slice(members.indexOf(own)).map(each => `${system}/${each}`)
}
