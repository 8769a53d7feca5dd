/**
 * What the action costs, each part against the bare commands in the same run: `npm run bench`, or some of it by
 * `npm run bench -- start-up build`. Times of another run or machine say nothing; ratios do.
 */
import { setPriority } from 'node:os'
import { bring } from './bring.ts'
import { buildStep } from './build-step.ts'
import { calls } from './calls.ts'
import { deploy } from './deploy.ts'
import { startUp } from './start-up.ts'
import { strategiesCost } from './strategies.ts'

const parts: Readonly<Record<string, { readonly title: string; readonly measure: () => Promise<string> }>> = {
  'start-up': { title: 'Start-up', measure: startUp },
  build: { title: 'Build and push for two platforms', measure: buildStep },
  deploy: { title: 'Deploy of a pushed image', measure: deploy },
  strategies: { title: 'Deploy by each strategy', measure: strategiesCost },
  bring: { title: 'Bring 1,000 files, 100 MB', measure: bring },
  calls: { title: 'Calls of docker on the default path', measure: calls },
}

try {
  setPriority(-20) // what else this machine does counts less
} catch {
  // Only root may.
}
const asked = process.argv.slice(2)
const unknown = asked.filter(name => parts[name] === undefined)
if (unknown.length > 0) throw new Error(`No part ${unknown}; there are ${Object.keys(parts)}.`)
for (const [name, { title, measure }] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  const began = performance.now()
  const text = await measure()
  process.stdout.write(
    `### ${title}\n\n${text}\n\n(${((performance.now() - began) / 1000).toFixed(0)} s)\n\n`,
  )
}
