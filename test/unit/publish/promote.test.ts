import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOfBytes } from '../../../src/image/digest.ts'
import { promoteAfter } from '../../../src/publish/promote.ts'
import type { Client } from '../../../src/registry/client.ts'
import type { Ending, Journal } from '../../../src/report/journal.ts'

const tags = [{ registry: 'ghcr.io', repository: 'octo/app', tag: 'stable' }]
const digest = digestOfBytes(Buffer.from('{"the":"manifest"}'))

async function promoteWith(send: Client['send'], end: Ending['end'], cancelled = AbortSignal.any([])) {
  const titles: string[] = []
  const journal: Pick<Journal, 'stage'> = {
    stage: (title, work) => {
      titles.push(title)
      return work()
    },
  }
  const runtime = { log: { line: () => undefined }, cancelled }
  const retryStale: Client['retryStale'] = async attempt => (await attempt()).value
  const result = await promoteAfter(
    { end },
    tags,
    digest,
    { send, retryStale, pullToken: () => Promise.resolve(undefined) },
    runtime as never,
    journal,
  )
  return { ...result, titles }
}

const answer = (status: number, headers = {}) =>
  Promise.resolve({ status, headers, body: Buffer.from('{"the":"manifest"}') })

test('if the registry does not move a tag, the release stays and the run fails', async () => {
  const send: Client['send'] = ({ method }) =>
    method === 'PUT' ? answer(405) : answer(method === 'HEAD' ? 404 : 200)
  const { end, failure, titles } = await promoteWith(send, 'released')
  assert.equal(end, 'not-promoted')
  assert.match(failure?.problems[0]?.cause ?? '', /refused to move `ghcr\.io\/octo\/app:stable`.*405/)
  assert.deepEqual(titles, ['Promote to stable'])
})

test('a tag that already points to the digest is not moved', async () => {
  const send: Client['send'] = () => answer(200, { 'docker-content-digest': digest })
  assert.equal((await promoteWith(send, 'released')).end, 'released')
})

test('no tag is moved after an unsuccessful deploy', async () => {
  const send: Client['send'] = () => assert.fail('sent a request')
  for (const end of ['rolled-back', 'failed', 'superseded'] as const)
    assert.equal((await promoteWith(send, end)).end, end)
})

test('a cancellation while the tags are moved does not cancel the release', async () => {
  const send: Client['send'] = () => Promise.reject(new DOMException('aborted', 'AbortError'))
  const { end, failure } = await promoteWith(send, 'released', AbortSignal.abort())
  assert.equal(end, 'not-promoted')
  assert.match(failure?.problems[0]?.cause ?? '', /^The run was cancelled/)
})
