/** The transaction of a Swarm is one script with the parts that it shares with the one of a single server. */
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

/** What asks Compose or the containers of one server, and has another meaning on a Swarm. */
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
  test(`is understood by ${shells.map(words => words.join(' ')).join(', ')}`, () => {
    for (const [file = '', ...args] of shells) {
      const { status, stderr } = spawnSync(file, [...args, '-n'], { input: swarmScript, encoding: 'utf8' })
      assert.deepEqual({ file, status, stderr }, { file, status: 0, stderr: '' })
    }
  })

  test('replaces what it is meant to replace, and nothing else by accident', () => {
    const names = namesIn(swarmScript)
    const twice = names.filter((name, index) => names.indexOf(name) !== index)
    assert.deepEqual(
      twice.filter(name => !replaced.includes(name)),
      [],
    )
  })

  test('has every function that its steps come to', () => {
    assert.ok(reached.size > 100, `${reached.size}`)
    assert.deepEqual(
      [...reached].filter(name => !bodies.has(name)),
      // What broke on a Swarm is not settled again: see settle_the_rest.
      ['settle_broken'],
    )
  })

  // A function sees the locals of whoever calls it.
  test('hides no variable of the shared parts behind a local of its own', () => {
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

  test('belongs to the projects with a dot in their name, which Compose never has', () => {
    assert.equal(scriptFor('stack.shop'), swarmScript)
    assert.equal(scriptFor('swarm.services'), swarmScript)
    assert.equal(scriptFor('shop'), transactionScript)
  })
})
