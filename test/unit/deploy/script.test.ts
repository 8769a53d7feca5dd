import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { suite, test } from 'node:test'
import { openRunScript, transactionScript } from '../../../src/deploy/script.ts'
import { scriptParts, shells } from './shells.ts'

const scripts = [
  { name: 'the transaction', text: transactionScript },
  { name: 'the creation of a run', text: openRunScript },
]

suite('the script for', () => {
  const lacksShellcheck = spawnSync('shellcheck', ['--version']).status !== 0 && 'shellcheck is not installed'
  for (const { name, text } of scripts) {
    test(`${name} is valid in ${shells.map(words => words.join(' ')).join(', ')}`, () => {
      assert.ok(shells.length > 0)
      for (const [file = '', ...args] of shells) {
        const { status, stderr } = spawnSync(file, [...args, '-n'], { input: text, encoding: 'utf8' })
        assert.deepEqual({ file, status, stderr }, { file, status: 0, stderr: '' })
      }
    })

    // Some parts set variables that others read, and lists are split on purpose; shellcheck cannot know either.
    test(`${name} passes shellcheck`, { skip: lacksShellcheck }, () => {
      const args = ['-s', 'dash', '-S', 'warning', '-e', 'SC2034,SC2154,SC2046,SC2086', '-']
      const { status, stdout } = spawnSync('shellcheck', args, { input: text, encoding: 'utf8' })
      assert.deepEqual({ status, stdout }, { status: 0, stdout: '' })
    })
  }

  // The parts are joined to one script, in which a second function would silently replace the first.
  test('the transaction defines no function twice', () => {
    const names = [...transactionScript.matchAll(/^(\w+)\(\)/gm)].map(([, name]) => name)
    assert.ok(names.length > 100)
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    )
  })

  // With another order, comm fails; and names that the server's locale takes for equal would be lost.
  test('the transaction sorts and compares by bytes', () => {
    const calls = transactionScript
      .replaceAll(/^\s*#.*$/gm, '')
      .split('\n')
      .flatMap(line => line.match(/(?:\S+ )?\b(?:sort|comm) .*/g) ?? [])
      // The ports in `refuse_functions` are numbers.
      .filter(call => call !== '| sort -u')
    assert.ok(calls.length > 10)
    assert.deepEqual(
      calls.filter(call => /(?<!LC_ALL=C )\b(?:sort|comm) /.test(call)),
      [],
    )
  })

  // A deploy with a payload also needs tar, find and sed; one without needs only coreutils or busybox.
  const basicParts = [
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
  test('the transaction without a payload uses only tools of coreutils and busybox', () => {
    const code = scriptParts([...basicParts, ...more], '').replaceAll(/^\s*#.*$/gm, '')
    for (const tool of ['sed', 'awk', 'grep', 'find', 'xargs', 'ps', 'flock', 'cmp', 'perl', 'python']) {
      assert.doesNotMatch(code, new RegExp(`(^|[|;&(]|\\b(if|then|do|else|!)) *${tool} `, 'm'), tool)
    }
  })
})
