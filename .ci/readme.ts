// Fills the parts of both READMEs that come from action.yml, the recipes and the summary of a run. `--check` changes
// nothing, and fails when they are stale. Both ways it fails when the two languages say different things.
import { readFileSync, writeFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { readRecipes } from '../test/recipes/recipe.ts'
import { parseContract } from './readme/contract.ts'
import { renderEndings } from './readme/endings.ts'
import {
  type Examples,
  english,
  fill,
  type Outputs,
  renderBlock,
  renderTables,
  type Words,
} from './readme/parts.ts'
import { renderRecipes } from './readme/recipes.ts'
import { firstDifference } from './readme/skeleton.ts'
import { type Translation, translate } from './readme/translation.ts'

const read = (path: string): string => readFileSync(path, 'utf8')
const refuse = (text: string): void => {
  process.stderr.write(`${text}\n`)
  process.exitCode = 1
}

const chinese: Words = {
  inputs: ['输入', '说明', '默认', '例子'],
  outputs: ['输出', '说明', '例子'],
  groups: { Image: '镜像', Build: '构建', Server: '服务器', Plan: '计划' },
}

const contract = parseContract(read('action.yml'))
const examples = load(read('.ci/readme/examples.yml')) as Examples
const outputs = load(read('.ci/readme/outputs.yml')) as Outputs
const recipes = readRecipes()
const theirs = translate(contract, recipes, load(read('.ci/readme/zh.yml')) as Translation)
if (theirs.stale.length > 0)
  process.stderr.write(
    `warning: .ci/readme/zh.yml has no translation of these, or one of an older text. They stay English:\n- ${theirs.stale.join('\n- ')}\n`,
  )
const common = { block: renderBlock(contract, examples), ...renderEndings() }

const readmes = [
  {
    path: 'README.md',
    parts: {
      ...common,
      ...renderTables(contract, examples, outputs, english),
      recipes: renderRecipes(recipes, '.github/examples'),
    },
  },
  {
    path: '.github/README.zh-CN.md',
    parts: {
      ...common,
      ...renderTables(theirs.contract, examples, outputs, chinese),
      recipes: renderRecipes(theirs.recipes, 'examples'),
    },
  },
].map(({ path, parts }) => ({ path, standing: read(path), text: fill(read(path), parts) }))

for (const { path, standing, text } of readmes) {
  if (text === standing) continue
  if (!process.argv.includes('--check')) writeFileSync(path, text)
  else
    refuse(
      `${path} is stale: action.yml, an example, a recipe or the summary has changed. Run \`npm run readme\` and commit it.`,
    )
}

const [one, other] = readmes
const difference = one && other && firstDifference(one, other)
if (difference !== undefined) refuse(`The two languages are out of step.\n${difference}`)
