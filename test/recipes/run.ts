/**
 * Runs the recipes with `act` against the rig: `npm run test:act`, or `npm run test:act -- NAME…` (`README` runs the
 * README's set-up and first deploy). Replaces what a reader replaces: registry, server, directory. Prints the duration
 * of each recipe.
 */
import { asRoot } from '../rig/root.ts'
import { ownTemporaryDirectory } from '../rig/temporary.ts'
import { type Environment, openEnvironment } from './environment.ts'
import { followReadme } from './readme.ts'
import { readRecipes } from './recipe.ts'
import { notRun, recipeCases } from './recipe-cases.ts'
import { runRecipe } from './run-recipe.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function runAll(environment: Environment, only: readonly string[]): Promise<number> {
  const cases = recipeCases(environment)
  const names = ['README', ...readRecipes().map(({ name }) => name)]
  const unknown = only.filter(name => !names.includes(name))
  if (unknown.length > 0) throw new Error(`No such recipe: ${unknown.join(', ')}`)
  let failed = only.length === 0 || only.includes('README') ? await runReadme(environment) : 0
  let port = 21_000
  for (const recipe of readRecipes().filter(({ name }) => only.length === 0 || only.includes(name))) {
    const reason = notRun[recipe.name]
    const label = recipe.name.padEnd(26)
    if (reason !== undefined) {
      say(`${label} NOT RUN   ${reason}`)
      continue
    }
    const { problems, seconds, log } = await runRecipe(recipe, cases[recipe.name] ?? {}, environment, port++)
    say(`${label} ${problems.length > 0 ? 'FAILED ' : 'ok     '} ${seconds.toFixed(1).padStart(5)} s`)
    if (problems.length === 0) continue
    say(`${problems.map(text => `  - ${text}`).join('\n')}\n${log.replace(/^/gm, '  | ')}`)
    failed += 1
  }
  return failed
}

/** Runs the README's set-up commands and first workflow on a fresh server. Returns the number of failures. */
async function runReadme(environment: Environment): Promise<number> {
  const { seconds, problems, log } = await followReadme(environment)
  say(
    `${'README'.padEnd(26)} ${problems.length === 0 ? 'ok     ' : 'FAILED '} ${seconds.toFixed(1).padStart(5)} s  set-up and first deploy`,
  )
  if (problems.length > 0)
    say(`${problems.map(text => `  - ${text}`).join('\n')}\n${log.replace(/^/gm, '  | ')}`)
  return problems.length === 0 ? 0 : 1
}

async function main(): Promise<void> {
  const began = performance.now()
  const environment = await openEnvironment(say)
  try {
    const failed = await runAll(environment, process.argv.slice(2))
    const summary = failed === 0 ? 'All recipes passed' : `${failed} recipe${failed === 1 ? '' : 's'} FAILED`
    say(`\n${summary}, in ${((performance.now() - began) / 1000).toFixed(0)} s.`)
    if (failed > 0) process.exitCode = 1
  } finally {
    await environment.close()
  }
}

await asRoot(async () => {
  ownTemporaryDirectory()
  await main()
})
