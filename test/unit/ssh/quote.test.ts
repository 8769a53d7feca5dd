import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { suite, test } from 'node:test'
import { quote } from '../../../src/ssh/remote-command.ts'
import { hardWord, posixShells, sequence } from './shells.ts'

suite('a quoted word passes through the shell unchanged', () => {
  const pick = sequence(1)
  const words = [
    '',
    ' ',
    "'",
    "''",
    "it's",
    '\n',
    '-n',
    'A=b',
    '~',
    'if',
    ...Array.from({ length: 300 }, () => hardWord(pick)),
  ]
  for (const { name, argv, skip } of posixShells) {
    test(name, { skip }, () => {
      const [file, ...args] = argv
      const { stdout } = spawnSync(file, [...args, `printf '%s\\0' ${words.map(quote).join(' ')}`], {
        encoding: 'utf8',
      })
      assert.deepEqual(stdout.split('\0').slice(0, -1), words)
    })
  }
})

test('quote() rejects a NUL byte', () => {
  assert.throws(() => quote('a\0b'), /NUL/)
})
