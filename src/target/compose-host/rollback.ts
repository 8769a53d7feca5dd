import type { Problem } from '../../core/errors.ts'
import { parseReference } from '../../image/reference.ts'
import type { ServerFacts, ServiceFacts } from './facts.ts'
import type { HistoryEntry, Project } from './project-facts.ts'
import type { ReleaseCheck } from './release.ts'
import { stateProblems } from './state.ts'
import { unpinnable } from './unpinned.ts'
import { warnOfServer, warnOfServices } from './warnings.ts'

/** Whether the services can take a release of the server's history (`rollback-to`); pure. */
export function checkRollback(facts: ServerFacts, wanted: string): ReleaseCheck {
  const { services, project, tools } = facts
  const problems = services.flatMap(service => [
    unpinnable(service, project),
    unknownRelease(service, project, wanted),
  ])
  const pins = services.flatMap(({ name, reference }) => {
    const pushed = parseReference(reference)
    return 'reason' in pushed ? [] : [{ service: name, reference, pushed }]
  })
  return {
    pins,
    envSet: {},
    findings: {
      problems: [...problems.filter(problem => problem !== undefined), ...stateProblems(facts, {})],
      warnings: [...warnOfServer(tools), ...warnOfServices(services, project)],
    },
  }
}

/** What a cut-off deploy left is settled first, and may become history itself. */
function unknownRelease(
  service: ServiceFacts,
  { history, unfinished }: Project,
  wanted: string,
): Problem | undefined {
  const releases = history.filter(({ service: name, verdict }) => name === service.name && verdict === 'ok')
  if (unfinished || releases.some(release => isMeant(release, service, wanted))) return undefined
  const known = [...new Set(releases.map(named).reverse())].slice(0, 10)
  return {
    input: 'rollback-to',
    cause: `\`rollback-to\` is \`${wanted}\`, and the history of \`${service.name}\` on the server has no such release.`,
    remedy:
      known.length === 0
        ? 'There is none yet: only what Slipway deployed and verified there can come back.'
        : `There are: ${known.join('; ')}.`,
  }
}

/** `previous` is the last that is not what runs. */
function isMeant({ image, tags }: HistoryEntry, { containers }: ServiceFacts, wanted: string): boolean {
  const digest = image.slice(image.indexOf('@') + 1)
  if (wanted.startsWith('sha256:')) return digest.startsWith(wanted)
  if (wanted !== 'previous') return tags.includes(wanted)
  return !containers.some(
    ({ imageId, repoDigests }) => imageId === digest || repoDigests.some(each => each.endsWith(`@${digest}`)),
  )
}

const named = ({ image, tags, when }: HistoryEntry): string =>
  `\`${image.slice(image.indexOf('@') + 1)}\`${tags.length === 0 ? '' : ` (${tags.join(', ')})`} of ${when}`
