/** `files-delete` deletes the files that an earlier release copied and this one does not, and no other files. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { suite, test } from 'node:test'
import { digestOf, openStand, type Parameters, type Stand, service } from './stand.ts'

const compose = 'web reg.example/app:latest 1 unless-stopped\n'

/** Deploys an image, and uploads these files with it. */
function bring(
  stand: Stand,
  image: string,
  files: Readonly<Record<string, string>>,
  deletes = true,
  more: Parameters = [],
) {
  const sum = (text: string) => createHash('sha256').update(text).digest('hex')
  const prints = Object.entries(files).map(([name, text]) => `${sum(text)}  ./${name}\n`)
  const payload = Object.entries(files).map(([name, text]) => [`payload/files/${name}`, text])
  const deleting = deletes ? [['files-delete', 'true'] as const] : []
  const read = ['read-file', `${stand.directory}/compose.yaml`] as const
  return stand.deploy(
    [service('web', image), ['compose-file', `${stand.directory}/compose.yaml`], read, ...deleting, ...more],
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

suite('after a rollback to an earlier release, a file that Slipway copied', () => {
  const own = (stand: Stand): Parameters => [['part-file', `${stand.directory}/own.env`]]
  const open = () => {
    const stand = openStand()
    for (const name of ['one', 'two', 'three']) stand.image(name)
    stand.write('own.env', 'nobody copied it\n')
    return stand
  }
  const back = (stand: Stand, to: string) => {
    const { verdict, log } = stand.deploy([
      service('web', '-'),
      ['rollback-to', to],
      ['read-file', `${stand.directory}/compose.yaml`],
      ...own(stand),
    ])
    assert.equal(verdict?.kind, 'ok', log)
  }
  const up = (stand: Stand, image: string, files: Readonly<Record<string, string>>, deletes: boolean) => {
    const { verdict, log } = bring(stand, image, files, deletes, deletes ? [] : own(stand))
    assert.equal(verdict?.kind, 'ok', log)
    return log
  }

  test('is deleted with the content of that release; no other file is', () => {
    using stand = open()
    up(stand, 'one', { a: 'of one\n' }, false)
    up(stand, 'two', { a: 'of two\n' }, false)
    back(stand, 'previous')
    assert.equal(stand.read('a'), 'of one\n')
    const log = up(stand, 'three', { b: 'b\n' }, true)
    assert.deepEqual(stand.list(), ['b', 'compose.yaml', 'own.env'], log)
  })

  test('is deleted even if it was deleted before the rollback', () => {
    using stand = open()
    up(stand, 'one', { a: 'a\n' }, false)
    up(stand, 'two', { b: 'b\n' }, true)
    assert.deepEqual(stand.list(), ['b', 'compose.yaml', 'own.env'])
    back(stand, 'previous')
    assert.deepEqual(stand.list(), ['a', 'b', 'compose.yaml', 'own.env'])
    const log = up(stand, 'three', { c: 'c\n' }, true)
    assert.deepEqual(stand.list(), ['c', 'compose.yaml', 'own.env'], log)
  })

  test('stays if that release ran with a file that was changed by hand', () => {
    using stand = open()
    up(stand, 'one', { a: 'a\n' }, false)
    stand.write('a', 'by hand\n')
    up(stand, 'two', { b: 'b\n' }, false)
    up(stand, 'three', { a: 'of three\n' }, false)
    back(stand, digestOf('two').replace(/.*@/, ''))
    assert.equal(stand.read('a'), 'by hand\n')
    const log = up(stand, 'one', { c: 'c\n' }, true)
    assert.match(log, /\.\/a stays: it was changed on the server/)
    assert.equal(stand.read('a'), 'by hand\n')
  })
})
