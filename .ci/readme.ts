// Fills the parts of README.md that come from action.yml, the recipes and the summary of a run. `--check` changes nothing
// and fails when they are stale.
import { readFileSync, writeFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { readRecipes } from '../test/recipes/recipe.ts'
import { parseContract } from './readme/contract.ts'
import { renderEndings } from './readme/endings.ts'
import { type Examples, fill, renderParts } from './readme/parts.ts'
import { renderRecipes } from './readme/recipes.ts'

const contract = parseContract(readFileSync('action.yml', 'utf8'))
const examples = load(readFileSync('.ci/readme/examples.yml', 'utf8')) as Examples
const standing = readFileSync('README.md', 'utf8')
const fresh = fill(standing, {
  ...renderParts(contract, examples),
  ...renderEndings(),
  recipes: renderRecipes(readRecipes(), '.github/examples'),
})

if (process.argv.includes('--check')) {
  if (fresh !== standing) {
    process.stderr.write(
      'README.md is stale: action.yml, an example, a recipe or the summary has changed. Run `npm run readme` and commit it.\n',
    )
    process.exitCode = 1
  }
} else if (fresh !== standing) {
  writeFileSync('README.md', fresh)
}
