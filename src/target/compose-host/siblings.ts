import { interpolate, variablesOf } from '../../compose/interpolation.ts'
import type { Findings } from '../../core/findings.ts'
import { familiar, parseReference } from '../../image/reference.ts'
import type { Neighbour, ServerFacts, Sibling } from './facts.ts'
import { type EnvSet, lookup, type Pin } from './pins.ts'

/**
 * Finds other services and projects that run an image of this deploy, and would keep an old release or get the new one.
 */
export function checkSiblings(facts: ServerFacts, pins: readonly Pin[], envSet: EnvSet): Findings {
  const { siblings, neighbours, services, project } = facts
  const pinned = new Set(pins.map(({ reference }) => sameName(reference)))
  const declares = ({ reference, template }: Sibling) => {
    const decided = template !== undefined && variablesOf(template).some(name => name in envSet)
    return pinned.has(
      sameName(decided ? interpolate(template, lookup(project.variables, envSet)) : reference),
    )
  }
  const same = siblings.filter(declares)
  const stale = same.filter(({ waitedFor, exists }) => waitedFor && exists)
  const planned = services.map(({ name }) => name)
  const behind = same.filter(each => each.enabled && !each.waitedFor)
  return {
    problems: stale.map(({ name, reference }) => ({
      input: 'service',
      cause: `${list(planned)} waits for \`${name}\` to exit (\`depends_on\`), which declares the pushed image \`${reference}\` too: \`${name}\` ran with an earlier release and would not run again.`,
      remedy: `Deploy both: \`service: ${[name, ...planned].join(', ')}\`.`,
    })),
    warnings: [
      ...(behind.length === 0 ? [] : [staysBehind(behind, planned)]),
      ...distinct(neighbours.filter(({ reference }) => pinned.has(sameName(reference)))).map(sharesTag),
    ],
  }
}

const staysBehind = (behind: readonly Sibling[], planned: readonly string[]): string => {
  const one = behind.length === 1
  const names = behind.map(({ name }) => name)
  return `${list(names)} ${one ? 'declares' : 'declare'} the image of this deploy and ${one ? 'is' : 'are'} not in \`service\`: ${one ? 'it keeps' : 'they keep'} the earlier release until the next \`docker compose up -d\` on the server. To deploy ${one ? 'it' : 'them'} too: \`service: ${[...planned, ...names].join(', ')}\`.`
}

const sharesTag = ({ project, directory, reference }: Neighbour): string =>
  `The project \`${project}\`${directory === undefined ? '' : ` in \`${directory}\``} declares \`${reference}\` too: its next \`docker compose up -d\` runs this release. Give each project a tag of its own.`

const distinct = (neighbours: readonly Neighbour[]): Neighbour[] => [
  ...new Map(neighbours.map(each => [`${each.project} ${each.reference}`, each])).values(),
]

/** Normalizes a reference: `nginx` and `docker.io/library/nginx:latest` are the same tag. */
function sameName(text: string): string {
  const reference = parseReference(text)
  return 'reason' in reference ? text : familiar({ ...reference, tag: reference.tag ?? 'latest' })
}

const list = (names: readonly string[]): string => names.map(name => `\`${name}\``).join(', ')
