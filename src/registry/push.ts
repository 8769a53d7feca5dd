import { at } from '../core/context.ts'
import type { Problem } from '../core/errors.ts'
import { type Reference, registryOf, repositoryName } from '../image/reference.ts'
import type { Client } from './client.ts'
import { NoAnswer } from './insist.ts'
import { refusalRemedy } from './refusal.ts'
import type { HttpResponse } from './transport.ts'

/** Whether this run may push to a repository, as far as the registry tells beforehand. */
export type MayPush =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no'; readonly problem: Problem }
  /** The registry could not be asked, or does not say; docker may reach it all the same. */
  | { readonly kind: 'unknown'; readonly why: string }

/** Asks by opening an upload, which is cancelled at once: nothing is written. */
export async function canPush(client: Client, reference: Reference): Promise<MayPush> {
  const target = {
    registry: registryOf(reference),
    repository: reference.repository,
    actions: 'pull,push',
  } as const
  try {
    const answer = await client.send({ ...target, method: 'POST', path: 'blobs/uploads/' })
    const session = answer.headers.location
    if (answer.status === 202 && session !== undefined) {
      // Nobody waits for it: some registries know no cancel, and an upload that is left alone expires.
      client.send({ ...target, method: 'DELETE', path: session, once: true }).catch(() => undefined)
    }
    return judge(answer, reference)
  } catch (error) {
    if (error instanceof NoAnswer) return { kind: 'unknown', why: error.reason }
    throw error
  }
}

function judge(answer: HttpResponse, reference: Reference): MayPush {
  const { status } = answer
  if (status === 202 || status === 201) return { kind: 'yes' }
  if (status !== 401 && status !== 403 && status !== 404)
    return { kind: 'unknown', why: `HTTP status ${status}` }
  const said = messagesOf(answer)
  const repository = repositoryName(reference)
  const problem = {
    input: 'image',
    cause: `This run may not push to \`${repository}\`${said === '' ? '' : ` (${said})`}.`,
    remedy: refusalRemedy(registryOf(reference), status, said),
  }
  return { kind: 'no', problem }
}

/** What a registry says of a refusal, in its own words. */
function messagesOf({ body }: HttpResponse): string {
  try {
    const content = JSON.parse(body.toString('utf8')) as unknown
    const errors = at(content, 'errors')
    const list = Array.isArray(errors) ? errors : [content]
    const texts = list.map(each => at(each, 'message') ?? at(each, 'details') ?? at(each, 'code'))
    return [...new Set(texts.filter(text => typeof text === 'string'))].join('; ').slice(0, 300)
  } catch {
    return ''
  }
}
