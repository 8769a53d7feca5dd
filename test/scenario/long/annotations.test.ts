/** An error annotation points to the faulty line in the repository. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ActionRun } from '../../rig/runner.ts'
import { errorsOf } from '../expect.ts'
import { noServer, openSite, ship, webCompose } from '../site.ts'

const locationOf = (run: ActionRun): string =>
  errorsOf(run)
    .map(({ file, line }) => `${file}:${line}`)
    .join()

test('points to the failed step of the Dockerfile, in any directory', async () => {
  await using site = await openSite('placed', { empty: true })
  const failing = await ship(site, { page: 'x', run: 'RUN echo fine\nRUN false' }, { with: noServer })
  assert.equal(locationOf(failing), 'Dockerfile:4', failing.log)
  const files = { 'app/Dockerfile': 'FROM scratch\nFORM nothing\n' }
  const inputs = { ...noServer, context: 'app' }
  const unread = await ship(site, { page: 'x', files }, { with: inputs })
  assert.equal(locationOf(unread), 'app/Dockerfile:2', unread.log)
})

test('points to the line of an uploaded compose file', async () => {
  await using site = await openSite('placed', { empty: true })
  const deployCompose = (text: string) =>
    ship(
      site,
      { page: 'x', files: { 'deploy/compose.yaml': text } },
      { with: { files: 'deploy/compose.yaml -> compose.yaml' } },
    )
  const unknownKey = await deployCompose(webCompose(site).replace('    restart:', '    restrat:'))
  assert.equal(locationOf(unknownKey), 'deploy/compose.yaml:4', unknownKey.log)
  const invalidYaml = await deployCompose(webCompose(site).replace('ports: [', 'ports: [['))
  assert.match(locationOf(invalidYaml), /^deploy\/compose\.yaml:\d+$/, invalidYaml.log)
})
