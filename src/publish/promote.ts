import { Failure } from '../core/errors.ts'
import type { Runtime } from '../core/runtime.ts'
import type { Digest } from '../image/digest.ts'
import { familiar, type Reference } from '../image/reference.ts'
import type { Client } from '../registry/client.ts'
import { moveTags } from '../registry/tags.ts'
import type { Ending, Journal } from '../report/journal.ts'
import type { End } from '../report/report.ts'
import { promoteTitle } from '../report/titles.ts'

/** Moves the tags to the digest after a successful deploy. A failure here does not undo the deploy. */
export async function promoteAfter(
  ending: Ending,
  tags: readonly Reference[],
  digest: Digest,
  client: Client,
  { log, cancelled }: Pick<Runtime, 'log' | 'cancelled'>,
  { stage }: Pick<Journal, 'stage'>,
): Promise<Ending> {
  if (!promotable.has(ending.end) || tags.length === 0) return ending
  try {
    await stage(promoteTitle(tags.map(({ tag = '' }) => tag)), async () => {
      // The registry moves the tags; nothing is pulled.
      for (const change of await moveTags(client, tags, digest)) {
        const tag = familiar(change.tag)
        if (change.kind === 'moved') log.line(`Moved ${tag} from ${change.before ?? 'nothing'} to ${digest}.`)
        else log.warning(`Moved ${tag} to ${digest}, but could not verify it: ${change.why}.`)
      }
    })
    return ending
  } catch (error) {
    if (error instanceof Failure) return { end: 'not-promoted', failure: error }
    if (cancelled.aborted) return { end: 'not-promoted', failure: new Failure('push', unmoved) }
    throw error
  }
}

const promotable: ReadonlySet<End> = new Set(['released', 'pushed'])

const unmoved = {
  input: 'promote',
  cause: 'The run was cancelled before the tags of `promote` were moved.',
  remedy: 'Run the job again.',
}
