import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

const root = join(import.meta.dirname, '../../..')
const catalogue = readFileSync(join(root, '.github/ERRORS.md'), 'utf8')

describe('the catalogue of errors', () => {
  for (const readme of ['.github/docs/troubleshooting.md']) {
    it(`has every message that ${readme} quotes`, () => {
      const text = readFileSync(join(root, readme), 'utf8')
      const quoted = [...text.matchAll(/^Slipway says:(.*)$/gm)].flatMap(([, line = '']) =>
        [...line.matchAll(/\*\*(.+?)\*\*/g)].map(([, message = '']) => message),
      )
      assert.ok(quoted.length > 10, `only ${quoted.length} are quoted`)
      assert.deepEqual(
        quoted.filter(message => !catalogue.includes(message)),
        [],
      )
    })
  }

  const rows: readonly { name: string; expected: string }[] = [
    {
      name: 'a cause with its remedy, with … for each value',
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
