import { familiar, type Reference } from './image/reference.ts'
import type { Log } from './log.ts'
import type { Client } from './registry/client.ts'
import { verifyTags } from './registry/tags.ts'

/** Moves the tags to the digest, without pulling anything. */
export async function promote(
  tags: readonly Reference[],
  digest: string,
  client: Client,
  log: Log,
): Promise<void> {
  const moved = await verifyTags(client, tags, digest)
  for (const { tag, before } of moved)
    log.line(`${familiar(tag)} is ${digest} now, and was ${before ?? 'nothing'}.`)
}
