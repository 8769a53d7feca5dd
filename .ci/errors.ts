// Writes .github/ERRORS.md: every error that the source expects, with its remedy. `--check` changes nothing and fails
// when it is stale.
import { readFileSync, writeFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { renderCatalogue } from './errors/catalogue.ts'
import { collect } from './errors/collect.ts'
import { collectOutcomes, collectScript } from './errors/script.ts'

const catalogue = '.github/ERRORS.md'
const root = process.cwd()
const remedies = load(readFileSync('.ci/errors/remedies.yml', 'utf8')) as Record<string, string>
const passedOn = load(readFileSync('.ci/errors/passed-on.yml', 'utf8')) as Record<string, string>
const fresh = renderCatalogue(
  [...collect(root, passedOn), ...collectOutcomes(), ...collectScript(root)],
  remedies,
)
const standing = readFileSync(catalogue, { encoding: 'utf8', flag: 'a+' })

if (!process.argv.includes('--check')) writeFileSync(catalogue, fresh)
else if (fresh !== standing) {
  process.stderr.write(`${catalogue} is stale: an error has changed. Run \`npm run errors\` and commit it.\n`)
  process.exitCode = 1
}
