import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { suite, test } from 'node:test'
import { openRunScript, transactionScript } from '../../../src/deploy/script.ts'
import { rooms, shells } from './shells.ts'

const scripts = [
  { name: 'the transaction', text: transactionScript },
  { name: 'what makes its place', text: openRunScript },
]

suite('the script of', () => {
  const lacksShellcheck = spawnSync('shellcheck', ['--version']).status !== 0 && 'shellcheck is not here'
  for (const { name, text } of scripts) {
    test(`${name} is understood by ${shells.map(words => words.join(' ')).join(', ')}`, () => {
      assert.ok(shells.length > 0)
      for (const [file = '', ...args] of shells) {
        const { status, stderr } = spawnSync(file, [...args, '-n'], { input: text, encoding: 'utf8' })
        assert.deepEqual({ file, status, stderr }, { file, status: 0, stderr: '' })
      }
    })

    // Rooms set what others read, and lists are split on purpose: what shellcheck cannot know.
    test(`${name} passes shellcheck`, { skip: lacksShellcheck }, () => {
      const args = ['-s', 'dash', '-S', 'warning', '-e', 'SC2034,SC2154,SC2046,SC2086', '-']
      const { status, stdout } = spawnSync('shellcheck', args, { input: text, encoding: 'utf8' })
      assert.deepEqual({ status, stdout }, { status: 0, stdout: '' })
    })
  }

  // They are one script: a second one would take the place of the first, and nothing would tell.
  test('the transaction has no function of one name twice', () => {
    const names = [...transactionScript.matchAll(/^(\w+)\(\)/gm)].map(([, name]) => name)
    assert.ok(names.length > 100)
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    )
  })

  // What brings files along takes tar, find and sed too; a deploy without does with coreutils or busybox alone.
  const bare = [
    'run',
    'engine',
    'lock',
    'record',
    'files',
    'pull',
    'pin',
    'variables',
    'up',
    'gate',
    'verify',
  ]
  const more = ['rollback', 'settle', 'broken', 'sweep', 'settled', 'history', 'prune', 'verdict', 'follow']
  test('the transaction itself takes no tool but coreutils’ and busybox’s', () => {
    const code = rooms([...bare, ...more], '').replaceAll(/^\s*#.*$/gm, '')
    for (const tool of ['sed', 'awk', 'grep', 'find', 'xargs', 'ps', 'flock', 'cmp', 'perl', 'python']) {
      assert.doesNotMatch(code, new RegExp(`(^|[|;&(]|\\b(if|then|do|else|!)) *${tool} `, 'm'), tool)
    }
  })
})
