/**
 * Runs the recipes for real, by `act` and against the rig: `npm run test:act`, or `npm run test:act -- NAME…` (`README`
 * is its first minutes). What a recipe's reader puts in is put in here too: registry, server, directory. Prints how
 * long each took. One that waits for an input has to be refused for it.
 */
import { asRoot } from '../rig/root.ts'
import { liveFirstMinutes } from './readme.ts'
import { type Recipe, readRecipes } from './recipe.ts'
import { notRun, rehearsals } from './rehearsals.ts'
import { type Result, rehearse } from './rehearse.ts'
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
    const result = await rehearse(recipe, table[recipe.name] ?? {}, stand, port++)
    const wrong = recipe.waits.length > 0 ? staleMark(result) : result.wrong
    const verdict = wrong.length > 0 ? 'FAILED ' : recipe.waits.length > 0 ? 'WAITS  ' : 'ok     '
    say(`${label} ${verdict} ${result.seconds.toFixed(1).padStart(5)} s  ${waiting(recipe)}`.trimEnd())
    if (wrong.length === 0) continue
    say(`${wrong.map(text => `  - ${text}`).join('\n')}\n${result.log.replace(/^/gm, '  | ')}`)
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

const waiting = ({ waits }: Recipe): string => (waits.length === 0 ? '' : `for ${waits.join(', ')}`)

/** A recipe that waits is refused, and says why; one that is not has to be marked no more. */
const staleMark = ({ log }: Result): string[] =>
  log.includes('is not available in this version')
    ? []
    : ['it is marked as waiting, and its inputs are no longer refused: take the mark off']

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

await asRoot(runThem)
