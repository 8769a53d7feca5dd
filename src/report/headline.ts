import { digestOf, nameRelease, releaseName } from '../target/compose-host/history.ts'
import { short } from './figures.ts'
import { sentences } from './markdown.ts'
import type { DeployReport, Report, ServiceRelease } from './report.ts'

/** Renders the result of the run and what runs now as one sentence of Markdown. */
export const headline = (report: Report, now: Date): string =>
  verdict(report, now)
    .split('**')
    .map((part, index) => (index % 2 === 1 ? `**${sentences(part)}**` : sentences(part)))
    .join('')

/** Renders the same sentence as plain text for the log. */
export const plainHeadline = (report: Report, now: Date): string =>
  verdict(report, now).replaceAll(/\*\*|`/g, '')

/** Returns the sentence with names in backquotes and the most important part between `**`. */
function verdict({ end, image, deploy, failure, run }: Report, now: Date): string {
  const digest = image?.digest === undefined ? 'the image' : `\`${short(image.digest)}\``
  const where = deploy === undefined ? '' : ` on \`${deploy.target}\``
  const what = deploy === undefined ? '' : services(deploy)
  const serving = deploy === undefined ? '' : releases(deploy, 'serving', now)
  const failed = deploy === undefined ? '' : failedReleases(deploy)
  const unchanged = (text: string) =>
    deploy === undefined ? text : `${text}${keepsRunning(text, deploy, now)}`
  switch (end) {
    case 'released':
      return deploy?.services.every(service => service.previous === service.serving)
        ? `✅ ${what} ${verb(deploy, 'run')} ${serving}${where}, as before`
        : `🚢 ${what} ${verb(deploy, 'run')} **${serving}**${where}${isFirst(deploy) ? ' for the first time' : ''}`
    case 'not-promoted':
      return deploy === undefined
        ? `⚠️ ${digest} is pushed, but was not promoted`
        : `⚠️ ${what} ${verb(deploy, 'run')} **${serving}**${where}, but was not promoted`
    case 'pushed':
      return `📦 ${digest} is pushed`
    case 'built':
      return '🔨 The image is built; nothing was pushed'
    case 'nothing':
      return '💤 Nothing to do'
    case 'planned':
      return unchanged('📝 Dry run: nothing was changed')
    case 'superseded':
      if (failure?.problems.some(({ code }) => code === 'updated-by-others'))
        return `⏭️ ${what}: another update replaced ${failed}, **${serving === '' ? 'another image' : serving} is deployed**${where}`
      return unchanged(
        `⏭️ ${run === undefined ? 'This run' : `Run ${run}`} is older than the running release: nothing was ${failure?.stage === 'deploy' ? 'changed' : 'built or changed'}`,
      )
    case 'rolled-back':
      return `↩️ ${what}: ${failed} failed, **${serving} ${isOrAre(deploy)} running**${where}`
    case 'removed':
      return `🗑️ ${what}: ${failed} failed and was removed, **nothing is running**${where}, as before`
    case 'broken':
      if (deploy?.untouched === true)
        return `🚨 ${what}: ${failed} was not deployed, **${serving} ${isOrAre(deploy)} running**${where}, and files or tags could not be restored: check the server now`
      return `🚨 ${what}: ${failed} failed and the service is **broken**${where}: check the server now`
    case 'lost':
      return `❓ The connection was lost${where}: the server finishes the deploy of ${what} on its own`
    case 'failed':
      return unchanged(`❌ ${failures[failure?.stage ?? 'report']}`)
    case 'cancelled':
      return unchanged('🛑 Cancelled')
  }
}

const failures = {
  plan: 'The inputs are wrong: nothing was built or changed',
  preflight: 'Nothing was built or changed',
  build: 'The build failed',
  push: 'The push failed',
  deploy: 'The deploy stopped before it changed anything',
  report: 'The run failed',
} as const

/** Returns the part that says what still runs; this is unknown if the run ended before it inspected the server. */
function keepsRunning(text: string, deploy: DeployReport, now: Date): string {
  const running = { ...deploy, services: deploy.services.filter(({ serving }) => serving !== undefined) }
  if (running.services.length > 0)
    return `; ${services(running)} ${verb(running, 'keep')} running ${releases(running, 'serving', now)} on \`${deploy.target}\``
  return `${text.includes('changed') ? '' : '; nothing was changed'} on \`${deploy.target}\``
}

const isOrAre = (deploy: DeployReport | undefined): string =>
  deploy !== undefined && distinct(deploy, 'serving').length > 1 ? 'are' : 'is'

/** Lists the services: `web`, `web and worker`, `web, worker and beat`. */
const services = ({ services }: DeployReport): string =>
  services
    .map(({ name }) => `\`${name}\``)
    .join(', ')
    .replace(/, ([^,]+)$/, ' and $1')

const verb = (deploy: DeployReport | undefined, plural: string): string =>
  deploy?.services.length === 1 ? `${plural}s` : plural

/** Names the releases, as several services can run different ones. */
const releases = (deploy: DeployReport, which: 'previous' | 'wanted' | 'serving', now: Date): string =>
  distinct(deploy, which)
    .map(image => nameRelease(image, deploy.known?.[digestOf(image)], now))
    .join(' and ')

const failedReleases = (deploy: DeployReport): string =>
  distinct(deploy, 'wanted')
    .map(image => `\`${releaseName(image, deploy.known?.[digestOf(image)])}\``)
    .join(' and ') || 'the new release'

const distinct = ({ services }: DeployReport, which: keyof Omit<ServiceRelease, 'name'>): string[] => [
  ...new Set(services.flatMap(service => service[which] ?? [])),
]

const isFirst = (deploy: DeployReport | undefined): boolean =>
  deploy?.services.every(({ previous }) => previous === undefined) === true
