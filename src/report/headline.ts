import type { Stage } from '../core/errors.ts'
import { short } from './figures.ts'
import { code } from './markdown.ts'
import { type Report, releasesOf } from './report.ts'

/** One sentence that says how it ended and what serves. */
export function headline({ end, image, deploy, failure }: Report): string {
  const where = deploy === undefined ? '' : ` on ${code(deploy.target)}`
  const what = deploy === undefined ? '' : deploy.services.map(({ name }) => code(name)).join(', ')
  const serving = deploy === undefined ? '' : shortAll(releasesOf(deploy, 'serving'))
  const digest = image?.digest === undefined ? 'the image' : code(short(image.digest))
  const unchanged =
    deploy === undefined
      ? ''
      : serving === ''
        ? `; nothing was changed${where}`
        : `; ${serving} goes on serving${where}`
  switch (end) {
    case 'released':
      return deploy?.services.every(service => service.previous === service.serving)
        ? `✅ ${what} runs ${serving}${where}, as before`
        : `🚢 ${what} runs ${serving}${where}`
    case 'not-promoted':
      return deploy === undefined
        ? `⚠️ ${digest} is pushed, but was not promoted`
        : `⚠️ ${what} runs ${serving}${where}, but was not promoted`
    case 'pushed':
      return `📦 ${digest} is pushed`
    case 'built':
      return '🔨 The image is built; nothing was pushed'
    case 'nothing':
      return '💤 Nothing was to be done'
    case 'planned':
      return `📝 Dry run: nothing was changed${where}`
    case 'superseded':
      return `⏭️ A newer release serves${where} already; nothing was changed`
    case 'rolled-back':
      return `↩️ ${what} failed and was rolled back: ${serving} serves again${where}`
    case 'removed':
      return `🗑️ ${what} failed and was removed: nothing served before${where}`
    case 'broken':
      return `🚨 ${what} is broken${where}: look at the server now`
    case 'lost':
      return `❓ Nobody could see the end${where}: it ends there by itself`
    case 'failed':
      return `❌ ${failed(failure?.stage)}${unchanged}`
    case 'cancelled':
      return `🛑 Cancelled${unchanged}`
  }
}

/** Several services can have had several releases. */
const shortAll = (releases: string): string =>
  releases
    .split('\n')
    .filter(Boolean)
    .map(release => code(short(release)))
    .join(' and ')

function failed(stage: Stage | undefined): string {
  switch (stage) {
    case 'plan':
      return 'The inputs are wrong'
    case 'preflight':
      return 'The check failed'
    case 'build':
    case 'push':
    case 'deploy':
      return `The ${stage} failed`
    default:
      return 'Failed'
  }
}
