import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Run } from '../../src/core/command.ts'
import { readContext } from '../../src/core/context.ts'
import { Failure } from '../../src/core/errors.ts'
import { release } from '../../src/release.ts'
import type { Journal, Known } from '../../src/report/journal.ts'
import { container, digest, server, service } from './target/compose-host/preflight/facts.ts'

const pushed = { registry: 'ghcr.io', repository: 'me/app' }
const image = { repository: 'ghcr.io/me/app', digest: digest('b'), tags: [], platforms: [] }

/** Deploys over a connection that answers as it is told. */
async function releaseOver(run: Run) {
  const notes: Known = {}
  const journal = {
    stage: (_: string, work: () => Promise<unknown>) => work(),
    note: (known: Known) => void Object.assign(notes, known),
  } as unknown as Journal
  const connection = {
    run,
    target: 'deploy@example.com',
    dropped: () => false,
    onDrop: new Promise(() => undefined),
    close: async () => undefined,
    dial: () => assert.fail('nobody is asked'),
  }
  const facts = server({ services: [service('web', { containers: [container()] })] })
  const pin = { service: 'web', reference: 'ghcr.io/me/app:v1', pushed }
  const ending = await release(
    { deploy: { services: ['web'] }, registry: { logins: [] }, image: { tagNames: [] } } as never,
    image,
    { connection, facts, release: { pins: [pin], envSet: {} } } as never,
    {
      log: { foreign: () => undefined, notice: () => undefined },
      context: readContext({ GITHUB_REPOSITORY: 'octo/app' }, ''),
      env: {},
      cancelled: new AbortController().signal,
      remember: () => undefined,
      forgetRun: () => undefined,
    } as never,
    journal,
  )
  return { ending, deploy: notes.deploy }
}

/** Takes the transaction, and has nothing of it when it is followed. */
const forgetful: Run = async ({ args }, { onLine } = {}) => {
  onLine?.('\x1egone', 'stdout')
  return { code: 0, stdout: `/srv/app/.slipway/runs/${args.at(-1)}\n`, stderr: '' }
}

test('a deploy whose end nobody could see is lost: what served before is known, and what serves is not claimed', async () => {
  const { ending, deploy } = await releaseOver(forgetful)
  assert.equal(ending.end, 'lost')
  assert.match(ending.failure?.problems[0]?.cause ?? '', /nobody can say what serves/)
  assert.deepEqual(deploy?.services, [
    {
      name: 'web',
      previous: `ghcr.io/me/app@${digest('a')}`,
      wanted: `ghcr.io/me/app@${digest('b')}`,
    },
  ])
})

test('one that could not be begun has changed nothing', async () => {
  const refusing: Run = async () => ({ code: 1, stdout: '', stderr: 'mkdir: Permission denied' })
  await assert.rejects(
    releaseOver(refusing),
    (error: unknown) => error instanceof Failure && error.stage === 'deploy',
  )
})
