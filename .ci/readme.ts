// Fills the generated parts of the README and its pages, in both languages. With `--check`, changes nothing and fails
// if a page is stale or a link is broken. A missing or outdated translation is only a warning.
import { readFileSync, writeFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { readRecipes } from '../test/recipes/recipe.ts'
import { parseContract } from './readme/contract.ts'
import { renderEndings } from './readme/endings.ts'
import { brokenLinks, pages } from './readme/links.ts'
import {
  type Examples,
  english,
  fill,
  type Outputs,
  renderBlock,
  renderTables,
  type Words,
} from './readme/parts.ts'
import { renderRecipeLinks, renderRecipes } from './readme/recipes.ts'
import { hashOf, type Translation, translate } from './readme/translation.ts'

const read = (path: string): string => readFileSync(path, 'utf8')
const warn = (text: string): void => void process.stderr.write(`${text}\n`)
const refuse = (text: string): void => {
  warn(text)
  process.exitCode = 1
}

const chinese: Words = {
  inputs: ['输入', '说明', '默认值', '示例'],
  outputs: ['输出', '说明', '示例'],
  groups: { Image: '镜像', Build: '构建', Server: '服务器', Plan: '计划' },
}

const contract = parseContract(read('action.yml'))
const examples = load(read('.ci/readme/examples.yml')) as Examples
const outputs = load(read('.ci/readme/outputs.yml')) as Outputs
const recipes = readRecipes()
const translated = translate(contract, recipes, load(read('.ci/readme/zh.yml')) as Translation)
const block = renderBlock(contract, examples)

/** The generated parts of each page, by marker name. */
const generated: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'README.md': { 'recipe-list': renderRecipeLinks(recipes, '.github/examples') },
  '.github/README.zh-CN.md': { 'recipe-list': renderRecipeLinks(translated.recipes, 'examples') },
  '.github/docs/inputs.md': { block, ...renderTables(contract, examples, outputs, english) },
  '.github/docs/inputs.zh-CN.md': {
    block,
    ...renderTables(translated.contract, examples, outputs, chinese),
  },
  '.github/docs/recipes.md': { recipes: renderRecipes(recipes, '../examples') },
  '.github/docs/job-summary.md': renderEndings(),
}

for (const [path, parts] of Object.entries(generated)) {
  const current = read(path)
  const text = fill(current, parts)
  if (text === current) continue
  if (!process.argv.includes('--check')) writeFileSync(path, text)
  else
    refuse(
      `${path} is stale: action.yml, an example, a recipe or the summary has changed. Run \`npm run readme\` and commit it.`,
    )
}

for (const { page, line, target } of brokenLinks(pages())) refuse(`${page}:${line}: broken link: ${target}`)

if (translated.stale.length > 0)
  warn(
    `Warning: .ci/readme/zh.yml has no translation or an outdated one for:\n- ${translated.stale.join('\n- ')}`,
  )

const hash = hashOf(read('README.md'))
if (!read('.github/README.zh-CN.md').includes(`<!-- of README.md ${hash} -->`))
  warn(
    `Warning: README.md has changed since .github/README.zh-CN.md was last updated. Update it, and end it with <!-- of README.md ${hash} -->`,
  )
