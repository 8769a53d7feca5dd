import type { Context } from '../github/context.ts'
import { duration, short, size } from './figures.ts'
import { block, code, fold, link, prose, sentences, table } from './markdown.ts'
import type { DeployReport, ImageReport, Report } from './report.ts'
import { timeline } from './timeline.ts'

/** The job summary, in Markdown: the verdict first, then what a person looks for next. */
export function renderSummary(report: Report, context: Context): string {
  const sections = [
    `### ${headline(report)}`,
    report.failure && failure(report),
    report.plan && block(report.plan.join('\n')),
    (report.image ?? report.deploy) && table(releaseRows(report, context)),
    report.image && platforms(report.image),
    report.image && tags(report.image),
    report.warnings.length > 0 && report.warnings.map(text => `> ⚠️ ${prose(text)}`).join('\n>\n'),
    report.stages.length > 0 && fold(`Timeline: ${duration(total(report))}`, timeline(report.stages)),
  ]
  return `${sections.filter(Boolean).join('\n\n')}\n`
}

const total = ({ stages }: Report): number =>
  Math.max(...stages.map(({ end }) => end)) - Math.min(...stages.map(({ begin }) => begin))

/** One sentence that says how it ended and what serves. */
function headline({ end, image, deploy }: Report): string {
  const where = deploy === undefined ? '' : ` on ${code(deploy.target)}`
  const what = deploy === undefined ? '' : deploy.services.map(code).join(', ')
  const serving = deploy?.serving === undefined ? '' : code(short(deploy.serving))
  const digest = image?.digest === undefined ? 'the image' : code(short(image.digest))
  switch (end) {
    case 'released':
      return deploy?.previous !== undefined && deploy.previous === deploy.serving
        ? `✅ ${what} runs ${serving}${where}, as before`
        : `🚢 ${what} runs ${serving}${where}`
    case 'pushed':
      return `📦 ${digest} is pushed`
    case 'built':
      return '🔨 The image is built; nothing was pushed'
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
    case 'failed':
      return deploy === undefined ? '❌ Failed' : `❌ Failed; nothing was changed${where}`
    case 'cancelled':
      return '🛑 Cancelled'
  }
}

function failure({ failure: failed }: Report): string | undefined {
  const parts = failed?.problems.map(({ cause, remedy, output }) =>
    [
      `**${sentences(cause)}**`,
      remedy && sentences(remedy),
      output && fold('The last lines', block(output), true),
    ]
      .filter(Boolean)
      .join('\n\n'),
  )
  return parts?.join('\n\n')
}

function releaseRows({ image, deploy }: Report, context: Context): string[][] {
  const commit = link(
    code(context.sha.slice(0, 7)),
    `${context.serverUrl}/${context.repository}/commit/${context.sha}`,
  )
  const rows = [
    image && ['Image', image.digest === undefined ? code(image.repository) : pinned(image)],
    context.sha !== '' && ['Commit', commit],
    deploy && ['Server', where(deploy)],
    deploy && ['Release', change(deploy)],
    deploy?.brought && ['Brought', prose(deploy.brought.join(', '))],
    deploy?.made && ['Made', deploy.made.map(code).join(', ')],
  ]
  return [['', ''], ...rows.filter(row => row !== undefined && row !== false)]
}

const pinned = ({ repository, digest = '', url }: ImageReport): string =>
  link(code(`${repository}@sha256:${short(digest)}`), url)

const where = ({ target, project, services }: DeployReport): string =>
  `${services.map(code).join(', ')} of project ${code(project)} on ${code(target)}`

function change({ previous, serving }: DeployReport): string {
  const from = previous === undefined ? 'nothing' : code(short(previous))
  const to = serving === undefined ? 'nothing' : code(short(serving))
  return from === to ? `${to}, unchanged` : `${from} → ${to}`
}

function platforms({ platforms: list }: ImageReport): string | undefined {
  if (list.length === 0) return undefined
  const compared = list.some(({ before }) => before !== undefined)
  const head = ['Platform', 'Size', ...(compared ? ['Since the last release'] : [])]
  const rows = list.map(({ platform, size: bytes, before }) => [
    code(platform),
    bytes === undefined ? '' : size(bytes),
    ...(compared ? [delta(bytes, before)] : []),
  ])
  return table([head, ...rows])
}

function delta(now: number | undefined, before: number | undefined): string {
  if (now === undefined || before === undefined) return 'new'
  if (now === before) return 'same'
  return `${now > before ? '+' : '−'}${size(Math.abs(now - before))}`
}

function tags({ tags: list }: ImageReport): string | undefined {
  if (list.length === 0) return undefined
  return fold(
    `${list.length} ${list.length === 1 ? 'tag' : 'tags'}`,
    list.map(tag => `- ${code(tag)}`).join('\n'),
  )
}
