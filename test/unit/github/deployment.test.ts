import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { readContext } from '../../../src/github/context.ts'
import { openDeployment } from '../../../src/github/deployment.ts'

// GitHub's API cannot be had here: this stands for its two calls, by their documented shapes.
interface Call {
  readonly path: string
  readonly body: Record<string, unknown>
  readonly authorization: string | undefined
}

const calls: Call[] = []
let refuse = 0

async function read(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>
}

const github = createServer(async (request, response) => {
  calls.push({
    path: request.url ?? '',
    body: await read(request),
    authorization: request.headers.authorization,
  })
  response.writeHead(refuse === 0 ? 201 : refuse, { 'content-type': 'application/json' })
  response.end(
    JSON.stringify(refuse === 0 ? { id: 7 } : { message: 'Resource not accessible by integration' }),
  )
})
await new Promise<void>(resolve => github.listen(0, '127.0.0.1', resolve))
after(() => github.close())

const context = readContext(
  {
    GITHUB_REPOSITORY: 'octo/app',
    GITHUB_SHA: 'c0ffee',
    GITHUB_RUN_ID: '42',
    GITHUB_SERVER_URL: 'https://github.example',
    GITHUB_API_URL: `http://127.0.0.1:${(github.address() as AddressInfo).port}/api/v3`,
  },
  '',
)

const open = (without: (reason: string) => void, token = 't0ken') =>
  openDeployment(
    { environment: 'production', url: 'https://app.example', token },
    context,
    without,
    globalThis.fetch,
  )

test('a deployment of the commit, with its statuses', async () => {
  calls.length = 0
  const deployment = await open(reason => assert.fail(reason))
  await deployment?.set('success', 'x'.repeat(200))
  const [created, status] = calls
  assert.equal(created?.path, '/api/v3/repos/octo/app/deployments')
  assert.equal(created?.authorization, 'token t0ken')
  assert.equal(created?.body['ref'], 'c0ffee')
  assert.deepEqual(created?.body['required_contexts'], [])
  assert.equal(status?.path, '/api/v3/repos/octo/app/deployments/7/statuses')
  assert.deepEqual(status?.body, {
    state: 'success',
    description: 'x'.repeat(140),
    log_url: 'https://github.example/octo/app/actions/runs/42',
    environment_url: 'https://app.example',
    auto_inactive: true,
  })
})

test('without the permission it says so, and nothing fails', async () => {
  const reasons: string[] = []
  refuse = 403
  assert.equal(await open(reason => reasons.push(reason)), undefined)
  refuse = 0
  assert.equal(reasons.length, 1)
  assert.match(reasons[0] ?? '', /production.*Resource not accessible.*deployments: write/)
})

test('without a token it says so, and asks nobody', async () => {
  calls.length = 0
  const reasons: string[] = []
  assert.equal(await open(reason => reasons.push(reason), ''), undefined)
  assert.match(reasons.join(), /production.*`github-token` is empty/)
  assert.deepEqual(calls, [])
})
