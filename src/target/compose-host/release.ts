import type { Problem } from '../../core/errors.ts'
import type { Findings } from '../../core/findings.ts'
import type { Reference } from '../../image/reference.ts'
import type { ServerFacts, ServiceFacts, Tools } from './facts.ts'
import { fits } from './platform.ts'
import { type Pin, pinServices } from './reference.ts'
import type { EnvSet } from './solve.ts'
import { stateProblems } from './state.ts'
import { warnOfServer, warnOfServices } from './warnings.ts'

/** What this run will bring to the server. */
export interface Release {
  /** Every reference that will be there once the push is done, the most important first. */
  readonly references: readonly Reference[]
  /** Empty: nobody knows yet. */
  readonly platforms: readonly string[]
  /** Bytes of its layers as the registry has them, when an earlier one is known. */
  readonly size: number | undefined
}

/** What the transaction has to do so that the services run the release. */
export interface ReleaseCheck {
  /** One for each service that can run it. */
  readonly pins: readonly Pin[]
  /** What the `.env` file of the project has to say. */
  readonly envSet: EnvSet
  readonly findings: Findings
}

/** Whether what will be pushed can run on this server as its services; pure. */
export function checkRelease(facts: ServerFacts, release: Release): ReleaseCheck {
  const { pins, envSet, problems } = pinServices(facts.services, facts.project, release.references)
  return {
    pins,
    envSet,
    findings: {
      problems: [
        ...problems,
        ...platformProblems(facts, release),
        ...diskProblems(facts.tools, release),
        ...stateProblems(facts, envSet),
      ],
      warnings: [
        ...warnOfServer(facts.tools, release.size),
        ...warnOfServices(facts.services, facts.project),
      ],
    },
  }
}

function platformProblems({ tools, services }: ServerFacts, { platforms }: Release): Problem[] {
  if (platforms.length === 0) return []
  return services
    .filter(({ platform }) => !fits(platform ?? tools.platform, platforms))
    .map(service => platformProblem(service, tools, platforms))
    .filter((problem, index, all) => all.findIndex(({ cause }) => cause === problem.cause) === index)
}

function platformProblem(
  { name, platform }: ServiceFacts,
  tools: Tools,
  platforms: readonly string[],
): Problem {
  const wanted = platform ?? tools.platform
  const who = platform === undefined ? 'The server is' : `The service \`${name}\` asks for`
  return {
    input: 'platforms',
    cause: `${who} \`${wanted}\`, and the image is built for ${platforms.map(each => `\`${each}\``).join(', ')} only.`,
    remedy: `Add \`${wanted}\` to \`platforms\`.`,
  }
}

/** What does not even fit packed; how much it takes unpacked is not known before. */
function diskProblems({ freeBytes, dockerRoot }: Tools, { size }: Release): Problem[] {
  if (freeBytes === undefined || size === undefined || size < freeBytes) return []
  return [
    {
      cause: `The server has ${megabytes(freeBytes)} free for images (${dockerRoot}), and the image takes ${megabytes(size)} before it is unpacked.`,
      remedy:
        'Make room there: `docker system df` shows what takes it, `docker image prune` removes what nothing uses.',
    },
  ]
}

export const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`
