import { pushes } from '../buildx/result.ts'
import type { Context } from '../core/context.ts'
import { Failure } from '../core/errors.ts'
import type { Runtime } from '../core/runtime.ts'
import { trustOf } from '../github/trust.ts'
import type { Digest } from '../image/digest.ts'
import { revisionOf } from '../image/labels.ts'
import { existingName } from '../image/plan.ts'
import { formatReference, parseReference, type Reference } from '../image/reference.ts'
import type { Plan } from '../plan/plan.ts'
import type { Publisher } from '../preflight/publisher.ts'
import { type LookUp, labelsOf, lookUpDigest, lookUpWithRetries } from '../registry/manifest.ts'
import { imageReport } from '../report/image.ts'
import type { ImageReport } from '../report/report.ts'

/** Finds the image in the registry instead of building it: the image of this commit, or the image of the tags. */
export async function findImage(plan: Plan, publisher: Publisher, { log, context }: Runtime) {
  const { repository } = imageReport(plan.image, undefined, [])
  const { reused } = publisher
  if (reused !== undefined)
    log.line(`The registry has the image of this commit, so Slipway reuses ${reused}.`)
  const name = existingName(plan.image)
  if (reused !== undefined) return { repository, digest: reused }
  const found = await find(name, publisher, isIrrelevant(plan, context))
  if (found.kind === 'found') return { repository, digest: found.value }
  if (!isIrrelevant(plan, context)) throw absent(name, found)
  log.notice(
    `\`${shown(name)}\` is not in the registry, or this run may not read it; there is nothing to do.`,
  )
  return { repository, digest: undefined }
}

/**
 * Reports whether a missing image is no error: an untrusted run (fork, Dependabot) neither pushes nor deploys.
 */
const isIrrelevant = ({ build, deploy }: Plan, context: Context): boolean =>
  trustOf(context) !== 'own' && deploy === undefined && !pushes(build.result)

/** Looks up the image. If it should exist, retries: an earlier job may have pushed it only moments ago. */
async function find(
  name: Reference | undefined,
  { client }: Publisher,
  mayBeMissing: boolean,
): Promise<LookUp<Digest>> {
  if (name === undefined) return { kind: 'absent' }
  return mayBeMissing ? await lookUpDigest(client, name) : await lookUpWithRetries(client, name, lookUpDigest)
}

const shown = (name: Reference | undefined): string => (name === undefined ? '' : formatReference(name))

function absent(name: Reference | undefined, found: LookUp<Digest>): Failure {
  const image = `\`build\` is \`false\`, but \`${shown(name)}\``
  if (found.kind === 'unreadable')
    return new Failure('build', {
      input: 'build',
      cause: `${image} cannot be read: ${found.why}.`,
      remedy: 'Check the name, and that the login may read the image.',
    })
  return new Failure('build', {
    input: 'build',
    cause: `${image} is not in the registry.`,
    remedy: 'Set `image` and `tags` to an image that has been pushed, or remove `build: false`.',
  })
}

/**
 * Adds the commit that the image was built from: the one in the label that this run gives it, which need not be that of
 * the event (`metadata-context: git`), or the one in the label of an existing image. Only the report needs the commit,
 * so an error of the registry is ignored.
 */
export async function withCommit(
  image: ImageReport,
  plan: Pick<Plan, 'image'>,
  { builder, reused, client }: Pick<Publisher, 'builder' | 'reused' | 'client'>,
  { context }: Pick<Runtime, 'context'>,
): Promise<ImageReport> {
  const isOfThisRun = builder !== undefined || reused !== undefined
  const commit = isOfThisRun
    ? commitIn(revisionOf(plan.image)) || context.sha
    : await labelledCommit(image, client)
  return commit === '' ? image : { ...image, commit }
}

/** Reads the commit from the image's label; empty if the image has none. */
async function labelledCommit(
  { repository, digest }: ImageReport,
  client: Publisher['client'],
): Promise<string> {
  const reference = parseReference(`${repository}@${digest}`)
  if ('reason' in reference) return ''
  const labels = await labelsOf(client, reference).catch(() => ({}) as Record<string, string>)
  return commitIn(labels['org.opencontainers.image.revision'] ?? '')
}

const commitIn = (revision: string): string => (/^[0-9a-f]{40}$/.test(revision) ? revision : '')
