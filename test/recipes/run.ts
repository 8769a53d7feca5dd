/**
 * Runs the recipes for real, by `act` and against the rig: `npm run test:act`, or `npm run test:act -- NAME…` (`README`
 * is its first minutes). What a recipe's reader puts in is put in here too: registry, server, directory. Prints how
 * long each took.
 */
import { asRoot } from '../rig/root.ts'
import { ownTemporaryDirectory } from '../rig/temporary.ts'
import { liveFirstMinutes } from './readme.ts'
import { readRecipes } from './recipe.ts'
import { notRun, rehearsals } from './rehearsals.ts'
import { rehearse } from './rehearse.ts'
import { openStand, type Stand } from './stand.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function runAll(stand: Stand, only: readonly string[]): Promise<number> {
  const table = rehearsals(stand)
  let failed = only.length === 0 || only.includes('README') ? await runReadme(stand) : 0
  let port = 21_000
  for (const recipe of readRecipes().filter(({ name }) => only.length === 0 || only.includes(name))) {
    const why = notRun[recipe.name]
    const label = recipe.name.padEnd(26)
    if (why !== undefined) {
      say(`${label} NOT RUN   ${why}`)
      continue
    }
    const { wrong, seconds, log } = await rehearse(recipe, table[recipe.name] ?? {}, stand, port++)
    say(`${label} ${wrong.length > 0 ? 'FAILED ' : 'ok     '} ${seconds.toFixed(1).padStart(5)} s`)
    if (wrong.length === 0) continue
    say(`${wrong.map(text => `  - ${text}`).join('\n')}\n${log.replace(/^/gm, '  | ')}`)
    failed += 1
  }
  return failed
}

/** The README's first minutes: a fresh server, the commands to paste, the first workflow. */
async function runReadme(stand: Stand): Promise<number> {
  const { seconds, wrong, log } = await liveFirstMinutes(stand)
  say(
    `${'README'.padEnd(26)} ${wrong.length === 0 ? 'ok     ' : 'FAILED '} ${seconds.toFixed(1).padStart(5)} s  set-up and first deploy`,
  )
  if (wrong.length > 0) say(`${wrong.map(text => `  - ${text}`).join('\n')}\n${log.replace(/^/gm, '  | ')}`)
  return wrong.length === 0 ? 0 : 1
}

async function runThem(): Promise<void> {
  const began = performance.now()
  const stand = await openStand(say)
  try {
    const failed = await runAll(stand, process.argv.slice(2))
    const said = failed === 0 ? 'All recipes passed' : `${failed} recipe${failed === 1 ? '' : 's'} FAILED`
    say(`\n${said}, in ${((performance.now() - began) / 1000).toFixed(0)} s.`)
    if (failed > 0) process.exitCode = 1
  } finally {
    await stand.close()
  }
}

await asRoot(async () => {
  ownTemporaryDirectory()
  await runThem()
})
