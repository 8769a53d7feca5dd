/** The transaction of a Swarm is one script that shares parts with that of a single server. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { scriptFor, swarmScript, transactionScript } from '../../../../src/deploy/script.ts'
import { shells } from '../../deploy/shells.ts'
import { bodies, namesIn, reached } from './reached.ts'

const folder = new URL('../../../../src/target/swarm/agent/', import.meta.url)
const parts = readdirSync(folder).map(name => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))
const own = parts.map(({ text }) => text).join('\n')

/** Functions that use Compose or the containers of one server, and that a Swarm replaces. */
const replaced = [
  'containers_of',
  'keep_release',
  'restore_settings',
  'serves_still',
  'what_runs',
  'write_record',
  'snapshot',
]

suite('the script of a Swarm', () => {
  test(`is valid in ${shells.map(words => words.join(' ')).join(', ')}`, () => {
    for (const [file = '', ...args] of shells) {
      const { status, stderr } = spawnSync(file, [...args, '-n'], { input: swarmScript, encoding: 'utf8' })
      assert.deepEqual({ file, status, stderr }, { file, status: 0, stderr: '' })
    }
  })

  test('replaces only the intended functions of the shared parts', () => {
    const names = namesIn(swarmScript)
    const twice = names.filter((name, index) => names.indexOf(name) !== index)
    assert.deepEqual(
      twice.filter(name => !replaced.includes(name)),
      [],
    )
  })

  test('defines every function that its steps call', () => {
    assert.ok(reached.size > 100, `${reached.size}`)
    assert.deepEqual(
      [...reached].filter(name => !bodies.has(name)),
      // A broken deploy on a Swarm is not settled again: see settle_broken_changes.
      ['settle_broken'],
    )
  })

  // A function sees the local variables of its callers.
  test('shadows no variable of the shared parts by a local one', () => {
    const shared = swarmScript.replace(own, '')
    const globals = new Set(
      shared
        .split('\n')
        .filter(line => /^[a-z]/.test(line))
        .flatMap(line => [...line.matchAll(/(?:^|[ ;])([a-z_]+)=/g)].map(([, name = '']) => name)),
    )
    assert.ok(globals.has('mark') && globals.has('state'))
    const locals = [...own.matchAll(/\blocal (.*)/g)].flatMap(([, list = '']) => [
      ...list.replaceAll(/"[^"]*"|'[^']*'/g, '').matchAll(/(?:^| )([a-z_]+)(?==| |$)/g),
    ])
    assert.deepEqual(
      [...new Set(locals.map(([, name = '']) => name))].filter(name => globals.has(name)).sort(),
      ['now'],
    )
  })

  test('is used for state names with a dot, which no Compose project has', () => {
    assert.equal(scriptFor('stack.shop'), swarmScript)
    assert.equal(scriptFor('swarm.services'), swarmScript)
    assert.equal(scriptFor('shop'), transactionScript)
  })
})
