import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noFindings } from '../../../src/core/findings.ts'
import { type ListSyntax, lines, list } from '../../../src/inputs/lists.ts'

const whole: ListSyntax = { wholeLines: true }
const commented: ListSyntax = { comments: true }

const cases: readonly { name: string; text: string; syntax?: ListSyntax; expected: readonly string[] }[] = [
  { name: 'an empty text', text: '', expected: [] },
  {
    name: 'lines and commas both separate entries',
    text: 'linux/amd64,linux/arm64\nlinux/386',
    expected: ['linux/amd64', 'linux/arm64', 'linux/386'],
  },
  { name: 'blanks around entries', text: '  a ,  b  \n\n   \n c', expected: ['a', 'b', 'c'] },
  { name: 'Windows line ends', text: 'a\r\nb\r\n', expected: ['a', 'b'] },
  { name: 'a quoted cell keeps its comma', text: 'a,"b,c"', expected: ['a', 'b,c'] },
  { name: 'a quote inside quotes is doubled', text: '"a ""b""",c', expected: ['a "b"', 'c'] },
  { name: 'a quote inside a cell is data', text: 'a=say "hi",b', expected: ['a=say "hi"', 'b'] },
  {
    name: 'a whole line keeps its commas',
    text: 'type=registry,ref=user/app:cache\ntype=gha',
    syntax: whole,
    expected: ['type=registry,ref=user/app:cache', 'type=gha'],
  },
  {
    name: 'a quoted value with line breaks is one entry',
    text: '"KEY=one\ntwo"\nOTHER=x',
    syntax: whole,
    expected: ['KEY=one\ntwo', 'OTHER=x'],
  },
  {
    name: 'CSV quotes are removed from whole lines, too',
    text: '"type=local","dest=a b"',
    syntax: whole,
    expected: ['type=local,dest=a b'],
  },
  {
    name: 'keepQuotes keeps quotes',
    text: 'type=image,"name=a,b",push=true',
    syntax: { ...whole, keepQuotes: true },
    expected: ['type=image,"name=a,b",push=true'],
  },
  {
    name: 'keepQuotes keeps JSON',
    text: 'annotation={"a":1}',
    syntax: { ...whole, keepQuotes: true },
    expected: ['annotation={"a":1}'],
  },
  {
    name: 'keepBlanks keeps blanks',
    text: 'TOKEN= a \nX=y',
    syntax: { ...whole, keepBlanks: true },
    expected: ['TOKEN= a ', 'X=y'],
  },
  { name: 'a hash is data by default', text: 'a\n#b\nc # d', expected: ['a', '#b', 'c # d'] },
  {
    name: 'a hash begins a comment',
    text: '# one\na\n   # two, "three"\nb # c',
    syntax: commented,
    expected: ['a', 'b # c'],
  },
  { name: 'a comment with a quote', text: '# say "no, never\n"a,b"', syntax: commented, expected: ['a,b'] },
]

for (const { name, text, syntax, expected } of cases) {
  test(`list: ${name}`, () => {
    const findings = noFindings()
    assert.deepEqual(list(text, 'tags', findings, syntax), expected)
    assert.deepEqual(findings, noFindings())
  })
}

test('list: an unclosed quote is a problem that does not show the value', () => {
  const findings = noFindings()
  assert.deepEqual(list('"TOKEN=hunter2\nX=y', 'secrets', findings, whole), [])
  assert.deepEqual(
    findings.problems.map(({ input, cause }) => ({ input, cause })),
    [{ input: 'secrets', cause: '`secrets` has a cell whose quote is never closed.' }],
  )
})

test('lines: trims and drops empty ones', () => {
  assert.deepEqual(lines(' a\r\n\n  b,c \r# d'), ['a', 'b,c', '# d'])
})
