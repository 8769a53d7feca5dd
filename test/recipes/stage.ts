/**
 * Writes the recipes as workflows of a repository whose root is the action, so that actionlint checks the names of
 * their inputs against action.yml: `node test/recipes/stage.ts DIRECTORY`.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readBlocks } from './readme-blocks.ts'
import { ofThisRepository, readRecipes } from './recipe.ts'

export function stage(target: string): void {
  const workflows = join(target, '.github', 'workflows')
  mkdirSync(workflows, { recursive: true })
  copyFileSync('action.yml', join(target, 'action.yml'))
  mkdirSync(join(target, 'dist'), { recursive: true })
  for (const entry of ['main.cjs', 'post.cjs']) writeFileSync(join(target, 'dist', entry), '')
  for (const recipe of readRecipes())
    writeFileSync(join(workflows, `${recipe.name}.yml`), ofThisRepository(recipe))
  const { workflow } = readBlocks(readFileSync('README.md', 'utf8'))
  writeFileSync(join(workflows, 'readme.yml'), ofThisRepository({ text: workflow }))
}

const [target] = process.argv.slice(2)
if (target === undefined) throw new Error('usage: node test/recipes/stage.ts DIRECTORY')
stage(target)
