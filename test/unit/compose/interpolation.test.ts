import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { scriptParts, shells } from '../deploy/shells.ts'

// set_entry changes one line of an .env file and leaves every other byte unchanged.

const script = scriptParts(['parameters', 'variables', 'settings'], 'set_entry "$1" TAG "$2"')

const cases: readonly { name: string; before: string | undefined; after: string }[] = [
  { name: 'in the middle', before: 'A=1\nTAG=old\nB=2\n', after: 'A=1\nTAG=new\nB=2\n' },
  { name: 'on the first line', before: 'TAG=old\nB=2', after: 'TAG=new\nB=2' },
  { name: 'on the last line, without a newline', before: 'A=1\nTAG=old', after: 'A=1\nTAG=new\n' },
  { name: 'missing', before: 'A=1\n', after: 'A=1\nTAG=new\n' },
  { name: 'missing, and the last line has no newline', before: 'A=1', after: 'A=1\nTAG=new\n' },
  { name: 'in an empty file', before: '', after: 'TAG=new\n' },
  { name: 'without a file', before: undefined, after: 'TAG=new\n' },
  {
    name: 'assigned twice: the last assignment changes',
    before: 'TAG=1\nTAG=2\nX=\n',
    after: 'TAG=1\nTAG=new\nX=\n',
  },
  { name: 'after `export`', before: '  export TAG=old\n', after: 'export TAG=new\n' },
  { name: 'with blanks around the equals sign', before: 'TAG = old\n', after: 'TAG=new\n' },
  {
    name: 'whose name is part of other names',
    before: 'TAGS=1\nMYTAG=2\n',
    after: 'TAGS=1\nMYTAG=2\nTAG=new\n',
  },
  { name: 'in a comment', before: '#TAG=old\n# TAG=old\n', after: '#TAG=old\n# TAG=old\nTAG=new\n' },
  {
    name: 'also inside a quoted value',
    before: 'KEY="one\nTAG=no\nend"\nTAG=old\nB="x"\n',
    after: 'KEY="one\nTAG=no\nend"\nTAG=new\nB="x"\n',
  },
  {
    name: 'also inside a quoted value, after an escaped quote',
    before: 'KEY="one\n\\" TAG\nTAG=no\nend"\nTAG=old\n',
    after: 'KEY="one\n\\" TAG\nTAG=no\nend"\nTAG=new\n',
  },
  {
    name: 'among lines of all kinds',
    before: "P='a\\b$c' # x\r\nÜ=é\u2028\t \n\n\nTAG=old\n E=`id`;\\\n",
    after: "P='a\\b$c' # x\r\nÜ=é\u2028\t \n\n\nTAG=new\n E=`id`;\\\n",
  },
]

suite('set_entry: a variable of the .env file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'variables-'))
  after(() => rmSync(directory, { recursive: true, force: true }))

  for (const [shell = '', ...args] of shells) {
    for (const { name, before, after: expected } of cases) {
      test(`${name} (${shell})`, () => {
        const file = join(directory, '.env')
        rmSync(file, { force: true })
        if (before !== undefined) writeFileSync(file, before)
        if (before !== undefined) chmodSync(file, 0o640)
        const { status, stderr } = spawnSync(shell, [...args, '-c', script, 'sh', file, 'TAG=new'], {
          encoding: 'utf8',
        })
        assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
        assert.equal(readFileSync(file, 'utf8'), expected)
        if (before !== undefined) assert.equal(statSync(file).mode & 0o777, 0o640)
      })
    }
  }

  test('keeps bytes that are not valid UTF-8', () => {
    const file = join(directory, 'bytes')
    writeFileSync(file, Buffer.from([0x41, 0x3d, 0xff, 0xfe, 0x0a, 0x54, 0x41, 0x47, 0x3d, 0x0a, 0x80]))
    for (const [shell = '', ...args] of shells) {
      assert.equal(spawnSync(shell, [...args, '-c', script, 'sh', file, 'TAG=n']).status, 0)
      assert.equal(readFileSync(file).toString('latin1'), 'A=\xff\xfe\nTAG=n\n\x80')
    }
  })
})
