import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noFindings } from '../../../src/core/findings.ts'
import { type ListSyntax, lines, list } from '../../../src/inputs/lists.ts'

const whole: ListSyntax = { wholeLines: true }
const commented: ListSyntax = { comments: true }

const cases: readonly { name: string; text: string; syntax?: ListSyntax; expected: readonly string[] }[] = [
  { name: 'nothing', text: '', expected: [] },
  {
    name: 'lines and commas are the same',
    text: 'linux/amd64,linux/arm64\nlinux/386',
    expected: ['linux/amd64', 'linux/arm64', 'linux/386'],
  },
  { name: 'blanks around entries', text: '  a ,  b  \n\n   \n c', expected: ['a', 'b', 'c'] },
  { name: 'lines that end as on Windows', text: 'a\r\nb\r\n', expected: ['a', 'b'] },
  { name: 'a quoted cell keeps its comma', text: 'a,"b,c"', expected: ['a', 'b,c'] },
  { name: 'a quote inside of quotes is doubled', text: '"a ""b""",c', expected: ['a "b"', 'c'] },
  { name: 'a quote inside of a cell is data', text: 'a=say "hi",b', expected: ['a=say "hi"', 'b'] },
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
    name: 'quotes of CSV go, also from whole lines',
    text: '"type=local","dest=a b"',
    syntax: whole,
    expected: ['type=local,dest=a b'],
  },
  {
    name: 'quotes stay where they are data',
    text: 'type=image,"name=a,b",push=true',
    syntax: { ...whole, keepQuotes: true },
    expected: ['type=image,"name=a,b",push=true'],
  },
  {
    name: 'JSON in quotes that stay',
    text: 'annotation={"a":1}',
    syntax: { ...whole, keepQuotes: true },
    expected: ['annotation={"a":1}'],
  },
  {
    name: 'blanks stay where they are data',
    text: 'TOKEN= a \nX=y',
    syntax: { ...whole, keepBlanks: true },
    expected: ['TOKEN= a ', 'X=y'],
  },
  { name: 'a hash is data', text: 'a\n#b\nc # d', expected: ['a', '#b', 'c # d'] },
  {
    name: 'a hash begins a comment',
    text: '# one\na\n   # two, "three"\nb # c',
    syntax: commented,
    expected: ['a', 'b # c'],
  },
  { name: 'a comment beside quotes', text: '# say "no, never\n"a,b"', syntax: commented, expected: ['a,b'] },
]

for (const { name, text, syntax, expected } of cases) {
  test(`list: ${name}`, () => {
    const findings = noFindings()
    assert.deepEqual(list(text, 'tags', findings, syntax), expected)
    assert.deepEqual(findings, noFindings())
  })
}

test('list: a quote that is never closed is a problem, and the value is not shown', () => {
  const findings = noFindings()
  assert.deepEqual(list('"TOKEN=hunter2\nX=y', 'secrets', findings, whole), [])
  assert.deepEqual(
    findings.problems.map(({ input, cause }) => ({ input, cause })),
    [{ input: 'secrets', cause: '`secrets` has a cell whose quote is never closed.' }],
  )
})

test('lines: what stands on them', () => {
  assert.deepEqual(lines(' a\r\n\n  b,c \r# d'), ['a', 'b,c', '# d'])
})
