/** An error is shown at the line of the repository that is wrong. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ActionRun } from '../../rig/runner.ts'
import { errorsOf } from '../expect.ts'
import { noServer, openSite, ship, webCompose } from '../site.ts'

const placeOf = (run: ActionRun): string =>
  errorsOf(run)
    .map(({ file, line }) => `${file}:${line}`)
    .join()

test('at the step of the Dockerfile that failed, wherever the Dockerfile is', async () => {
  await using site = await openSite('placed', { empty: true })
  const failing = await ship(site, { page: 'x', run: 'RUN echo fine\nRUN false' }, { with: noServer })
  assert.equal(placeOf(failing), 'Dockerfile:4', failing.log)
  const files = { 'app/Dockerfile': 'FROM scratch\nFORM nothing\n' }
  const inputs = { ...noServer, context: 'app' }
  const unread = await ship(site, { page: 'x', files }, { with: inputs })
  assert.equal(placeOf(unread), 'app/Dockerfile:2', unread.log)
})

test('in the compose file that is brought', async () => {
  await using site = await openSite('placed', { empty: true })
  const bring = (text: string) =>
    ship(
      site,
      { page: 'x', files: { 'deploy/compose.yaml': text } },
      { with: { files: 'deploy/compose.yaml -> compose.yaml' } },
    )
  const strange = await bring(webCompose(site).replace('    restart:', '    restrat:'))
  assert.equal(placeOf(strange), 'deploy/compose.yaml:4', strange.log)
  const broken = await bring(webCompose(site).replace('ports: [', 'ports: [['))
  assert.match(placeOf(broken), /^deploy\/compose\.yaml:\d+$/, broken.log)
})
