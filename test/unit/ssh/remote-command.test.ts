import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { suite, test } from 'node:test'
import { type Marks, remoteCommand } from '../../../src/ssh/remote-command.ts'
import { hardWord, loginShells, sequence } from './shells.ts'

/** Returns the output between the marks of one stream, the PID of the begin mark and the exit code of the end mark. */
function between({ begin, end }: Marks, text: string) {
  const start = begin.exec(text)
  assert.ok(start, 'no begin mark')
  const [output = '', code = ''] = text.slice(start.index + start[0].length).split(end.toString())
  return { pid: start[1], output, code }
}

suite('a command passes through every login shell unchanged', () => {
  const pick = sequence(2)
  const args = ['', '-n', '--', '=ls', '~', '*', 'A=b', ...Array.from({ length: 200 }, () => hardWord(pick))]
  const env = { PLAIN: 'x', HARD: ` '"$HOME\n\\!é` }
  const script = 'for word in "$@" "$PLAIN" "$HARD" "$(cat)"; do printf "%s\\0" "$word"; done; exit 7'
  const { text, marks } = remoteCommand({ file: 'sh', args: ['-c', script, 'sh', ...args], env })
  for (const { name, argv, skip } of loginShells) {
    test(name, { skip }, () => {
      const [file, ...rest] = argv
      const { status, stdout, stderr } = spawnSync(file, [...rest, text], { encoding: 'utf8', input: 'in' })
      assert.deepEqual({ ...between(marks, stderr), pid: '' }, { pid: '', output: '', code: '7\x1e' })
      const { output, code } = between(marks, stdout)
      assert.deepEqual(output.split('\0').slice(0, -1), [...args, 'x', env.HARD, 'in'])
      assert.equal(code, '7\x1e')
      assert.equal(status, 7)
    })
  }
})

test('the begin mark contains the PID of the command’s shell', () => {
  const { text, marks } = remoteCommand({ file: 'sh', args: ['-c', 'echo $PPID'] })
  const { stdout } = spawnSync('sh', ['-c', text], { encoding: 'utf8' })
  const { pid, output } = between(marks, stdout)
  assert.equal(output.trim(), pid)
})

suite('an echo of the command line is not taken for a mark', () => {
  const { text, marks } = remoteCommand({ file: 'true', args: [] })
  for (const { name, argv, skip } of loginShells) {
    test(name, { skip }, () => {
      const [file, ...rest] = argv
      for (const echo of ['echo "$1"', 'printf %s "$1"', 'printf %b "$1"']) {
        if (name === 'tcsh' || name === 'fish') continue
        const { stdout } = spawnSync(file, [...rest, echo, 'x', text], { encoding: 'utf8' })
        assert.match(stdout, /printf/)
        assert.doesNotMatch(stdout, marks.begin)
      }
    })
  }
})

suite('a command that cannot be sent is rejected', () => {
  const table = [
    { name: 'a NUL byte', command: { file: 'echo', args: ['a\0b'] }, expected: /NUL/ },
    {
      name: 'arguments longer than Linux allows',
      command: { file: 'echo', args: ['x'.repeat(130_000)] },
      expected: /stdin/,
    },
    {
      name: 'an invalid variable name',
      command: { file: 'echo', args: [], env: { 'A B': '' } },
      expected: /variable/,
    },
  ]
  for (const { name, command, expected } of table) {
    test(name, () => assert.throws(() => remoteCommand(command), expected))
  }
})
