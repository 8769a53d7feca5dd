import type { Findings } from '../core/findings.ts'
import { parseReference, type Reference } from '../image/reference.ts'
import { list } from '../inputs/lists.ts'

/** Which services of the project a deploy is for. */
export interface ServicesPlan {
  /** In the order that they were given. */
  readonly services: readonly string[]
  /** The whole project: what runs a pushed or named image is deployed, all others are applied as Compose would. */
  readonly whole: boolean
  /** By service: the image that its line names; the others run what this run pushes. */
  readonly images: Readonly<Record<string, Reference>>
}

/** An image that was pushed elsewhere, for one service. */
export interface NamedImage {
  /** With its digest; with its tag where one was given. */
  readonly reference: Reference
  readonly platforms: readonly string[]
  readonly size: number | undefined
}

/** By service. */
export type NamedImages = Readonly<Record<string, NamedImage>>

/** Compose's own rule for the names of services. */
const serviceName = /^[a-zA-Z0-9._-]+$/

/** Stands for all services that no other line names. */
const all = '*'

/**
 * Parses `service`: a service on each line, with its image behind `=` where that is not the one that this run pushes.
 * `*`, or no line at all, is the whole project.
 */
export function parseServices(text: string, findings: Findings): ServicesPlan {
  const lines = [...new Set(list(text, 'service', findings))]
  const named = lines.filter(line => line !== all).flatMap(line => parseLine(line, findings))
  for (const { name } of named.filter((one, at) => named.findIndex(({ name }) => name === one.name) < at)) {
    findings.problems.push({
      input: 'service',
      cause: `\`service\` gives \`${name}\` two images.`,
      remedy: 'Leave one of them out.',
    })
  }
  return {
    services: [...new Set(named.map(({ name }) => name))],
    whole: lines.length === 0 || lines.includes(all),
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
        'A name has letters, digits, `.`, `_` and `-`; several stand on a line each, with an image behind `=` or without.',
    })
    return []
  }
  if (at < 0) return [{ name }]
  if (text === '') {
    problems.push({
      input: 'service',
      cause: `\`service\` names no image behind \`${name}=\`: is the output of the other step or job empty?`,
      remedy: `Give one (\`${name}=ghcr.io/octo/${name}@sha256:…\`), or leave out the \`=\` to deploy what this run pushes.`,
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

/** Whether every service has its image from somewhere else, so that this run has none of its own. */
export const namesAllImages = ({ services, images }: ServicesPlan): boolean =>
  services.length > 0 && services.every(name => images[name] !== undefined)
