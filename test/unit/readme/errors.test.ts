import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

const root = join(import.meta.dirname, '../../..')
const catalogue = readFileSync(join(root, '.github/ERRORS.md'), 'utf8')

describe('the catalogue of errors', () => {
  for (const readme of ['.github/docs/troubleshooting.md']) {
    it(`has every text of ours that ${readme} names in its troubleshooting`, () => {
      const text = readFileSync(join(root, readme), 'utf8')
      const named = [...text.matchAll(/^Slipway says:(.*)$/gm)].flatMap(([, line = '']) =>
        [...line.matchAll(/\*\*(.+?)\*\*/g)].map(([, words = '']) => words),
      )
      assert.ok(named.length > 10, `only ${named.length} are named`)
      assert.deepEqual(
        named.filter(words => !catalogue.includes(words)),
        [],
      )
    })
  }

  const rows: readonly { name: string; expected: string }[] = [
    {
      name: 'a cause with its remedy, what varies left open',
      expected: '| `env` sets `…` twice. | Remove one of them. |',
    },
    {
      name: 'a reason of the script on the server',
      expected: '| `image-gone` | the previous image of … is no longer on the server | ',
    },
    { name: 'a stage', expected: '| `verify` | yes | ' },
  ]
  for (const { name, expected } of rows)
    it(`has ${name}`, () => assert.ok(catalogue.includes(expected), expected))
})
