/**
 * A fake of GitHub's deployments API, which cannot be reached from here. It follows the documented shapes and rules.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A deployment as GitHub stores it, with the latest status last. */
export interface Recorded {
  readonly id: number
  readonly body: Readonly<Record<string, unknown>>
  readonly statuses: Readonly<Record<string, unknown>>[]
}

export interface GithubApi extends AsyncDisposable {
  /** The value for `GITHUB_API_URL`. */
  readonly url: string
  readonly deployments: Recorded[]
  readonly authorizations: ReadonlySet<string | undefined>
  /** Returns the number of requests received. */
  readonly calls: () => number
  /** Returns the states that a deployment went through, by its index in `deployments`. */
  states(index: number): unknown[]
}

export interface GithubApiOptions {
  /** Answers every request with this status, for example 403 (token lacks permission) or 404 (no such API). */
  readonly refuse?: number
  /** Answers new statuses with this HTTP status: all of them, or only the first `times`. */
  readonly failStatuses?: { readonly status: number; readonly times?: number }
}

export async function githubApi({ refuse, failStatuses }: GithubApiOptions = {}): Promise<GithubApi> {
  const deployments: Recorded[] = []
  const authorizations = new Set<string | undefined>()
  let calls = 0
  let failures = failStatuses?.times ?? Number.POSITIVE_INFINITY
  const answer = (method: string, url: URL, body: Recorded['body']): readonly [number, unknown] => {
    if (refuse !== undefined) return [refuse, { message: 'Resource not accessible by integration' }]
    const path = /^\/api\/v3\/repos\/octo\/app\/deployments(?:\/(\d+)\/statuses)?$/.exec(url.pathname)
    if (path === null) return [404, { message: 'Not Found' }]
    const [, id] = path
    if (id === undefined && method === 'GET') {
      const environment = url.searchParams.get('environment')
      const matching = deployments.filter(each => each.body['environment'] === environment)
      return [200, matching.map(shown).toReversed()]
    }
    if (id === undefined) {
      const created = { id: deployments.length + 1, body, statuses: [] }
      deployments.push(created)
      return [201, shown(created)]
    }
    const statuses = deployments[Number(id) - 1]?.statuses ?? []
    if (method === 'GET') return [200, statuses.toReversed()]
    if (failStatuses !== undefined && failures > 0) {
      failures -= 1
      return [failStatuses.status, { message: 'Server Error' }]
    }
    statuses.push(body)
    return [201, body]
  }
  const server = createServer(async (request, response) => {
    calls += 1
    authorizations.add(request.headers.authorization)
    const url = new URL(request.url ?? '', 'http://github')
    const [status, body] = answer(request.method ?? '', url, await read(request))
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v3`,
    deployments,
    authorizations,
    calls: () => calls,
    states: index => deployments[index]?.statuses.map(({ state }) => state) ?? [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** Returns the fields of a deployment that GitHub's response contains, as far as the action reads them. */
const shown = ({ id, body }: Recorded) => ({
  id,
  payload: body['payload'] ?? '',
  environment: body['environment'],
})

async function read(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}
