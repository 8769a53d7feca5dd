import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { escapeCommands, plainLog, runnerLog } from '../../../src/core/log.ts'
import { parseCommand } from '../../rig/runner/commands.ts'

const texts: readonly { name: string; text: string; expected: string }[] = [
  { name: 'plain text', text: '#5 0.1 a::b ::error::c', expected: '#5 0.1 a::b ::error::c' },
  { name: 'a command', text: '::error::x', expected: '| ::error::x' },
  { name: 'a command after blanks', text: ' \t::error::x', expected: '|  \t::error::x' },
  {
    name: 'the old syntax, anywhere in a line',
    text: 'x ##[error]y ##[add-mask]z',
    expected: 'x # #[error]y # #[add-mask]z',
  },
  { name: 'after a carriage return', text: '#5 0.1 a\r::error::x', expected: '#5 0.1 a\n| ::error::x' },
  { name: 'after a line feed', text: 'a\n::error::x\nb', expected: 'a\n| ::error::x\nb' },
  { name: 'CRLF is one line break', text: 'a\r\nb', expected: 'a\nb' },
  { name: 'several commands', text: '::a::\r\r\n::b::\r', expected: '| ::a::\n\n| ::b::\n' },
  { name: 'after white space of .NET', text: '\u0085::error::x', expected: '| \u0085::error::x' },
  {
    name: 'with invisible characters',
    text: '\u200b:\u00ad:error::x',
    expected: '| \u200b:\u00ad:error::x',
  },
  {
    name: 'the old syntax with an invisible character',
    text: '#\u200b#[error]x',
    expected: '# \u200b#[error]x',
  },
]

for (const { name, text, expected } of texts) {
  test(`commands are escaped: ${name}`, () => {
    assert.equal(escapeCommands(text), expected)
    for (const line of escapeCommands(text).split('\n')) assert.equal(parseCommand(line), undefined)
  })
}

test('a secret that contains another one is hidden completely', () => {
  let text = ''
  const out = new Writable({
    write(chunk, _, done) {
      text += String(chunk)
      done()
    },
  })
  const log = plainLog(out)
  for (const secret of ['abcd', 'abcd-efgh', '-efgh-ijkl']) log.mask(secret)
  log.line('abcd-efgh, abcd, x-efgh-ijkl')
  assert.equal(text, '***, ***, x***\n')
})

const masks: readonly [secret: string, masked: readonly string[]][] = [
  ['', []],
  [' \n', []],
  ['1', []],
  ['abc\n', []],
  ['abcd', ['abcd']],
  ['key\nabcd', ['abcd']],
  ['{\n  "a": 1,\r\n}\nEOF\rlast', ['"a": 1,', 'last']],
  ['true', []],
  ['8080', []],
  ['123456', ['123456']],
  ['abcd\nabcd', ['abcd']],
]

for (const [secret, masked] of masks) {
  test(`of ${JSON.stringify(secret)} the runner masks ${masked.join(' and ') || 'nothing'}`, t => {
    let text = ''
    t.mock.method(process.stdout, 'write', (chunk: string) => {
      text += chunk
      return true
    })
    runnerLog().mask(secret)
    t.mock.restoreAll()
    const commands = text
      .trim()
      .split('\n')
      .flatMap(line => parseCommand(line) ?? [])
    assert.deepEqual(
      commands.map(({ message }) => message),
      masked,
    )
    assert.ok(commands.every(({ name }) => name === 'add-mask'))
  })
}
