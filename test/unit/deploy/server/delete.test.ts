/** `files-delete` deletes the files that an earlier release copied and this one does not, and no other files. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { suite, test } from 'node:test'
import { openStand, type Stand, service } from './stand.ts'

const compose = 'web reg.example/app:latest 1 unless-stopped\n'

/** Deploys an image, and uploads these files with it. */
function bring(stand: Stand, image: string, files: Readonly<Record<string, string>>, deletes = true) {
  const sum = (text: string) => createHash('sha256').update(text).digest('hex')
  const prints = Object.entries(files).map(([name, text]) => `${sum(text)}  ./${name}\n`)
  const payload = Object.entries(files).map(([name, text]) => [`payload/files/${name}`, text])
  const deleting = deletes ? [['files-delete', 'true'] as const] : []
  const read = ['read-file', `${stand.directory}/compose.yaml`] as const
  return stand.deploy(
    [service('web', image), ['compose-file', `${stand.directory}/compose.yaml`], read, ...deleting],
    {
      files: { 'payload/whole': '', 'payload/prints': prints.join(''), ...Object.fromEntries(payload) },
    },
  )
}

suite('a file that an earlier release copied', () => {
  const first = { 'conf/a.conf': 'a\n', 'conf/b.conf': 'b\n', 'c.conf': 'c\n', 'compose.yaml': compose }
  const open = () => {
    const stand = openStand()
    for (const name of ['one', 'two']) stand.image(name)
    stand.image('bad', 'exited 3')
    stand.write('own.conf', 'nobody brought it\n')
    const { verdict, log } = bring(stand, 'one', first)
    assert.equal(verdict?.kind, 'ok', log)
    return stand
  }
  const there = (stand: Stand) => stand.list().join(' ')

  test('is deleted, unless it changed since or Compose reads it; other files stay', () => {
    using stand = open()
    stand.write('conf/b.conf', 'changed by hand\n')
    const { verdict, log } = bring(stand, 'two', { 'd.conf': 'd\n' })
    assert.equal(verdict?.kind, 'ok', log)
    assert.equal(there(stand), 'compose.yaml conf d.conf own.conf')
    assert.equal(stand.read('conf/b.conf'), 'changed by hand\n')
    assert.throws(() => stand.read('conf/a.conf'))
    assert.match(log, /Delete \.\/c\.conf/)
    assert.match(log, /\.\/conf\/b\.conf stays: it was changed on the server/)
    assert.match(log, /\.\/compose\.yaml stays: the project reads it/)
  })

  test('is restored by a rollback', () => {
    using stand = open()
    const { verdict, log } = bring(stand, 'bad', { 'd.conf': 'd\n' })
    assert.equal(verdict?.kind, 'rolled-back', log)
    assert.equal(there(stand), 'c.conf compose.yaml conf own.conf')
    for (const [name, text] of Object.entries(first)) assert.equal(stand.read(name), text)
  })

  test('stays without `files-delete`, and is deleted by a later deploy with it', () => {
    using stand = open()
    assert.equal(bring(stand, 'two', { 'd.conf': 'd\n' }, false).verdict?.kind, 'ok')
    assert.equal(there(stand), 'c.conf compose.yaml conf d.conf own.conf')
    const { verdict, log } = bring(stand, 'one', { 'e.conf': 'e\n' })
    assert.equal(verdict?.kind, 'ok', log)
    assert.equal(there(stand), 'compose.yaml conf e.conf own.conf')
    assert.throws(() => stand.read('conf/a.conf'))
  })
})
