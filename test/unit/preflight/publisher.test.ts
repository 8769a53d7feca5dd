import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDocker } from '../../../src/docker/docker.ts'
import { digestOfBytes } from '../../../src/image/digest.ts'
import { makePlan } from '../../../src/plan/plan.ts'
import { openPublisher } from '../../../src/preflight/publisher.ts'
import { scriptedRunner } from '../buildx/scripted-runner.ts'
import { inputsOf } from '../image/events.ts'
import { serve } from '../registry/registry.ts'

const machine = readDocker({ RegistryConfig: { InsecureRegistryCIDRs: ['127.0.0.0/8'] } })

test('closing the publisher cancels requests that are still pending', async () => {
  const requested = Promise.withResolvers<void>()
  const cancelled = Promise.withResolvers<void>()
  const { host } = await serve((request, response) => {
    if (request.method === 'POST')
      return void response.writeHead(202, { location: '/v2/me/app/blobs/uploads/1' }).end()
    if (request.method !== 'DELETE') return void response.writeHead(404).end()
    request.socket.on('close', cancelled.resolve)
    requested.resolve()
  })
  const { runtime } = scriptedRunner('exit 1')
  const plan = await makePlan(
    inputsOf({ image: `${host}/me/app`, tags: '1\n2', build: 'false' }),
    [],
    runtime,
  )
  assert.equal(plan.retag, true)
  const publisher = await openPublisher(plan, runtime, {
    docker: Promise.resolve(machine),
    insecure: Promise.resolve(machine.insecure),
  })
  await requested.promise
  publisher.close()
  await cancelled.promise
})

test('the platforms of an image are known before the deploy, by tag and by digest', async () => {
  const config = '{"os":"linux","architecture":"arm64"}'
  const manifest = JSON.stringify({
    config: { digest: digestOfBytes(Buffer.from(config)), size: 5 },
    layers: [{ size: 7 }],
  })
  const digest = digestOfBytes(Buffer.from(manifest))
  const { host } = await serve((request, response) => {
    if (request.url?.includes('/blobs/')) return void response.end(config)
    response.setHeader('content-type', 'application/vnd.oci.image.manifest.v1+json')
    response.setHeader('docker-content-digest', digest)
    response.end(manifest)
  })
  for (const name of ['app:1', `app@${digest}`]) {
    const { runtime } = scriptedRunner('exit 1')
    const plan = await makePlan(inputsOf({ image: `${host}/me/${name}`, build: 'false' }), [], runtime)
    const publisher = await openPublisher(plan, runtime, {
      docker: Promise.resolve(machine),
      insecure: Promise.resolve(machine.insecure),
    })
    assert.deepEqual(
      (await publisher.before).map(({ platform }) => platform),
      ['linux/arm64'],
      name,
    )
    publisher.close()
  }
})
