import { at } from '../core/context.ts'
import type { Problem } from '../core/errors.ts'
import { type Reference, registryOf, repositoryName } from '../image/reference.ts'
import type { Client } from './client.ts'
import type { HttpResponse } from './transport.ts'
import { NoAnswer } from './with-retries.ts'

/** The result of a push permission check before the build. */
type MayPush =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no'; readonly problem: Problem }
  /** The registry does not answer or does not say. Docker may still reach it, so this is no error. */
  | { readonly kind: 'unknown'; readonly why: string }

/** Checks the push permission: opens an upload and cancels it at once, which writes nothing. */
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
      // Not awaited: some registries cannot cancel an upload, and an abandoned one expires.
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
  const message = messagesOf(answer)
  const repository = repositoryName(reference)
  const problem = {
    input: 'image',
    cause: `This run may not push to \`${repository}\`${message === '' ? '' : ` (${message})`}.`,
    remedy: refusalRemedy(registryOf(reference), status, message),
  }
  return { kind: 'no', problem }
}

/** Returns the messages in the body of a refusal, shortened to 300 characters; empty if there are none. */
function messagesOf({ body }: HttpResponse): string {
  try {
    const content = JSON.parse(body.toString('utf8')) as unknown
    const errors = at(content, 'errors')
    const list = Array.isArray(errors) ? errors : [content]
    const texts = list.map(each => at(each, 'message') ?? at(each, 'details') ?? at(each, 'code'))
    return [...new Set(texts.filter(text => typeof text === 'string'))]
      .join('; ')
      .replaceAll(/\s+/g, ' ')
      .slice(0, 300)
  } catch {
    return ''
  }
}

/** Returns the remedy for a refused push, from the registry, the HTTP status and the registry's message. */
export function refusalRemedy(registry: string, status: number, message: string): string {
  const found = githubMessages.find(({ pattern }) => pattern.test(message))
  if (found !== undefined) return found.remedy
  if (registry === 'ghcr.io' || registry.startsWith('containers.'))
    return `${permission} If the job has it, and the package exists: ${access}`
  if (registry === 'docker.io') return hub
  if (/\.dkr\.ecr\./.test(registry)) return ecr
  return status === 404 ? missing : other
}

const permission = 'Give the job `permissions: packages: write`.'

const access =
  'Package page → Package settings → Manage Actions access → add this repository with the role Write.'

/** The messages of GitHub's registry with their remedies. An "installation" is the token of a workflow run. */
const githubMessages: readonly { readonly pattern: RegExp; readonly remedy: string }[] = [
  { pattern: /installation not allowed/i, remedy: permission },
  {
    pattern: /write_package/i,
    remedy: `${permission} If the job has it, the package gives this repository no access: ${access}`,
  },
  {
    pattern: /expected scopes/i,
    remedy: 'The token in `registry-password` needs the scope `write:packages`.',
  },
  {
    pattern: /unauthenticated|cannot be authenticated/i,
    remedy: 'The token in `registry-password` is not valid, or has expired.',
  },
]

const hub =
  'Check that the repository belongs to `registry-username`, and that its access token may read and write.'

const ecr =
  'Create the repository first: Amazon ECR does not create it on push. The login needs push permission.'

const missing = 'Create the repository in the registry first, or check its name.'

const other =
  'Give `registry-username` and `registry-password` of a user with write permission; for several registries, use `registry-auth`.'
