import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseCommand } from '../../rig/runner/commands.ts'

const cases = [
  {
    name: 'a plain one',
    input: '::notice::Hello',
    expected: { name: 'notice', properties: {}, message: 'Hello' },
  },
  {
    name: 'properties and escapes',
    input: '::error title=a%3A b%2C c,file=Dockerfile,line=3::one%0Atwo %253A 5%25',
    expected: {
      name: 'error',
      properties: { title: 'a: b, c', file: 'Dockerfile', line: '3' },
      message: 'one\ntwo %3A 5%',
    },
  },
  {
    name: 'blanks before it, any case',
    input: '  ::GROUP::Build',
    expected: { name: 'group', properties: {}, message: 'Build' },
  },
  {
    name: 'the old form, anywhere',
    input: 'x ##[warning file=a;line=1]Oh',
    expected: { name: 'warning', properties: { file: 'a', line: '1' }, message: 'Oh' },
  },
  {
    name: 'two colons in the message',
    input: '::add-mask::a::b',
    expected: { name: 'add-mask', properties: {}, message: 'a::b' },
  },
  { name: 'text before it', input: '#5 0.1 ::error::no', expected: undefined },
  { name: 'a word that is no command', input: '::hello::there', expected: undefined },
  { name: 'no end', input: '::error', expected: undefined },
  { name: 'plain text', input: 'a::b::c', expected: undefined },
]

describe('a workflow command', () => {
  for (const { name, input, expected } of cases) {
    it(name, () => assert.deepEqual(parseCommand(input), expected))
  }

  it('is also the token that resumes', () => {
    assert.equal(parseCommand('::Token::', 'tOKEN')?.name, 'token')
  })
})
