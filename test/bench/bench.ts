/**
 * Compares each part of the action with the bare commands in the same run: `npm run bench`, or some parts with
 * `npm run bench -- start-up build`. Only ratios can be compared with other runs or machines; times cannot.
 */
import { setPriority } from 'node:os'
import { buildStep } from './build-step.ts'
import { calls } from './calls.ts'
import { deploy } from './deploy.ts'
import { startUp } from './start-up.ts'
import { strategiesCost } from './strategies.ts'
import { upload } from './upload.ts'

const parts: Readonly<Record<string, { readonly title: string; readonly measure: () => Promise<string> }>> = {
  'start-up': { title: 'Start-up', measure: startUp },
  build: { title: 'Build and push for two platforms', measure: buildStep },
  deploy: { title: 'Deploy of a pushed image', measure: deploy },
  strategies: { title: 'Deploy by each strategy', measure: strategiesCost },
  upload: { title: 'Upload of 1,000 files, 100 MB', measure: upload },
  calls: { title: 'Calls of docker on the default path', measure: calls },
}

try {
  setPriority(-20) // reduces the influence of other processes
} catch {
  // Only root may raise the priority.
}
const selected = process.argv.slice(2)
const unknown = selected.filter(name => parts[name] === undefined)
if (unknown.length > 0) throw new Error(`Unknown part ${unknown}. Use ${Object.keys(parts)}.`)
for (const [name, { title, measure }] of Object.entries(parts)) {
  if (selected.length > 0 && !selected.includes(name)) continue
  const began = performance.now()
  const text = await measure()
  process.stdout.write(
    `### ${title}\n\n${text}\n\n(${((performance.now() - began) / 1000).toFixed(0)} s)\n\n`,
  )
}
