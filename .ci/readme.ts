// Fills the parts of README.md that come from action.yml. `--check` changes nothing and fails when they are stale.
import { readFileSync, writeFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { parseContract } from './readme/contract.ts'
import { type Examples, fill, renderParts } from './readme/parts.ts'

const contract = parseContract(readFileSync('action.yml', 'utf8'))
const examples = load(readFileSync('.ci/readme/examples.yml', 'utf8')) as Examples
const standing = readFileSync('README.md', 'utf8')
const fresh = fill(standing, renderParts(contract, examples))

if (process.argv.includes('--check')) {
  if (fresh !== standing) {
    process.stderr.write(
      'README.md is stale: action.yml or the examples have changed. Run `npm run readme` and commit it.\n',
    )
    process.exitCode = 1
  }
} else if (fresh !== standing) {
  writeFileSync('README.md', fresh)
}
