/**
 * `files-delete` on a real server: files that an earlier deploy uploaded and this one does not are deleted, and
 * restored if the deploy fails.
 */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { assertGreen, errorsOf } from '../expect.ts'
import { openSite, ship } from '../site.ts'

test('files that are no longer uploaded are deleted, and restored if the deploy fails', async () => {
  await using site = await openSite('delete')
  await site.write('conf/own.conf', 'by hand\n')
  const inputs = { files: 'conf', 'files-delete': true }
  const page = randomUUID()
  const source = (...names: readonly string[]) => ({
    page,
    files: Object.fromEntries(names.map(name => [`conf/${name}`, `${name}\n`])),
  })
  const filesInConf = () => site.sh('cd conf && find . -type f | LC_ALL=C sort | tr "\\n" " "')

  assertGreen(await ship(site, source('a.conf', 'deep/b.conf', 'c.conf'), { with: inputs }))
  assert.equal(await filesInConf(), './a.conf ./c.conf ./deep/b.conf ./own.conf ')
  await site.write('conf/c.conf', 'changed by hand\n')

  const second = await ship(site, source('a.conf'), { with: { ...inputs, build: false } })
  assertGreen(second)
  assert.match(second.log, /Delete \.\/conf\/deep\/b\.conf, which an earlier release uploaded/)
  assert.equal(await filesInConf(), './a.conf ./c.conf ./own.conf ')

  const bad = { ...source('d.conf'), run: 'CMD ["sh", "-c", "exit 3"]' }
  const failed = await ship(site, bad, { with: inputs })
  assert.equal(failed.conclusion, 'failure')
  assert.equal(failed.outputs['rolled-back'], 'true', failed.log)
  assert.equal(await filesInConf(), './a.conf ./c.conf ./own.conf ')
  assert.equal(await site.read('conf/a.conf'), 'a.conf\n')
  assert.equal(await site.page(), page)
  const [restored] = await site.running()

  await site.server.exec(`chown root ${site.directory}/conf && chmod 755 ${site.directory}/conf`)
  const locked = await ship(site, bad, { with: inputs })
  assert.equal(locked.conclusion, 'failure')
  const messages = errorsOf(locked)
    .map(({ message }) => message)
    .join('\n')
  assert.match(
    messages,
    /`files` uploads `conf\/d\.conf`, but `deploy` may not write to `\S+\/conf` on the server/,
  )
  assert.match(messages, /`files-delete` deletes `conf\/a\.conf`/)
  assert.doesNotMatch(locked.log, /buildx build/)
  assert.deepEqual(await site.running(), [restored])
})
