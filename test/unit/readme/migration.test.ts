import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parseContract } from '../../../.ci/readme/contract.ts'

const root = join(import.meta.dirname, '../../..')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

/** The inputs of other actions that src/inputs/other-actions.ts explains. */
const theirs = (() => {
  const table =
    /const equivalents[^{]*\{([\s\S]*?)\/\/ Common mistakes/.exec(read('src/inputs/other-actions.ts'))?.[1] ??
    ''
  return [...table.matchAll(/^ {2}'?([\w-]+)'?:/gm)].map(([, name = '']) => name)
})()

for (const readme of ['.github/docs/migration.md']) {
  const rows = [
    ...read(readme).matchAll(/^\| (.+) \| (?:\S+-action.*|several|多个|其余全部.*) \| (.+) \| .*\|$/gm),
  ]

  describe(`the migration table of ${readme}`, () => {
    it('has every input that a run explains', () => {
      assert.ok(theirs.length > 30, `only ${theirs.length} names were found in the source`)
      const named = rows.flatMap(([, cell = '']) =>
        [...cell.matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name),
      )
      assert.deepEqual(
        theirs.filter(name => !named.includes(name)),
        [],
      )
    })

    it('names only existing inputs as equivalents', () => {
      const inputs = parseContract(read('action.yml')).groups.flatMap(group =>
        group.inputs.map(({ name }) => name),
      )
      const ours = rows.flatMap(([, , cell = '']) =>
        [...cell.matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name),
      )
      assert.ok(ours.length > 15)
      assert.deepEqual(
        ours.filter(name => !inputs.includes(name)),
        [],
      )
    })
  })
}
