import type { Findings } from '../core/findings.ts'
import { parseReference, type Reference } from '../image/reference.ts'
import { list } from '../inputs/lists.ts'

/** The services that a deploy is for, parsed from `service`. */
export interface ServicesPlan {
  /** In the order of the input. */
  readonly services: readonly string[]
  /**
   * Deploy the whole project: Slipway pins and gates the services that run a pushed or named image, and applies all
   * others as `docker compose up -d` would.
   */
  readonly whole: boolean
  /** Images that lines name, by service; services without one run the image that this run pushes. */
  readonly images: Readonly<Record<string, Reference>>
}

/** The image of one service that another job or step pushed. */
export interface NamedImage {
  /** Includes the digest, and the tag if one was given. */
  readonly reference: Reference
  readonly platforms: readonly string[]
  readonly size: number | undefined
}

/** Named images by service. */
export type NamedImages = Readonly<Record<string, NamedImage>>

/** Compose's own rule for service names. */
const serviceName = /^[a-zA-Z0-9._-]+$/

/** Selects all services that no other line names. */
const wildcard = '*'

/**
 * Parses `service`: one service a line, followed by `=IMAGE` if it runs an image that this run does not push.
 * `*`, or an empty input, selects the whole project.
 */
export function parseServices(text: string, findings: Findings): ServicesPlan {
  const lines = [...new Set(list(text, 'service', findings))]
  const named = lines.filter(line => line !== wildcard).flatMap(line => parseLine(line, findings))
  for (const { name } of named.filter((one, at) => named.findIndex(({ name }) => name === one.name) < at)) {
    findings.problems.push({
      input: 'service',
      cause: `\`service\` gives \`${name}\` two images.`,
      remedy: 'Remove one of them.',
    })
  }
  return {
    services: [...new Set(named.map(({ name }) => name))],
    whole: lines.length === 0 || lines.includes(wildcard),
    images: Object.fromEntries(
      named.flatMap(({ name, image }) => (image === undefined ? [] : [[name, image]])),
    ),
  }
}

function parseLine(line: string, { problems }: Findings): { name: string; image?: Reference }[] {
  const at = line.indexOf('=')
  const name = (at < 0 ? line : line.slice(0, at)).trim()
  const text = line.slice(at + 1).trim()
  if (!serviceName.test(name)) {
    problems.push({
      input: 'service',
      cause: `\`service\` is \`${line}\`, which is not a valid Compose service name.`,
      remedy:
        'A name consists of letters, digits, `.`, `_` and `-`. Write one service a line: `NAME` or `NAME=IMAGE`.',
    })
    return []
  }
  if (at < 0) return [{ name }]
  if (text === '') {
    problems.push({
      input: 'service',
      cause: `\`service\` has no image after \`${name}=\`: is the output of the other step or job empty?`,
      remedy: `Add the image (\`${name}=ghcr.io/octo/${name}@sha256:…\`), or remove the \`=\` to deploy the image that this run pushes.`,
    })
    return []
  }
  const image = parseReference(text)
  if ('registry' in image) return [{ name, image }]
  problems.push({
    input: 'service',
    cause: `\`service\` gives \`${name}\` the image \`${text}\`: ${image.reason}.`,
    remedy: image.remedy,
  })
  return []
}

/** Reports whether `service` names an image for every service, so that this run pushes none itself. */
export const namesAllImages = ({ services, images }: ServicesPlan): boolean =>
  services.length > 0 && services.every(name => images[name] !== undefined)
