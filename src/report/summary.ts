import type { Context } from '../core/context.ts'
import { stackOf } from '../target/swarm-plan.ts'
import { duration, short, size } from './figures.ts'
import { headline } from './headline.ts'
import { block, code, fold, link, prose, sentences, table } from './markdown.ts'
import { packagePage } from './package-page.ts'
import { releaseRows } from './releases.ts'
import type { DeployReport, ImageReport, Report, StrategyHint } from './report.ts'
import { timeline } from './timeline.ts'

/** Renders the job summary as Markdown: the verdict first, then the failure and the details. */
export function renderSummary(report: Report, context: Context, now: Date = new Date()): string {
  const sections = [
    `### ${headline(report, now)}`,
    report.failure && failure(report),
    report.plan && block(limited(report.plan).join('\n')),
    (report.image ?? report.deploy) && table(facts(report, context, now)),
    report.image && platforms(report.image),
    report.image && tags(report.image),
    report.warnings.length > 0 && report.warnings.map(text => `> ⚠️ ${prose(text)}`).join('\n>\n'),
    report.deploy?.strategyHints && strategyHint(report.deploy.strategyHints),
    report.stages.length > 0 &&
      fold(`Timeline: ${duration(total(report))}`, timeline(report.stages, report.deploy?.steps)),
  ]
  return `${sections.filter(Boolean).join('\n\n')}\n`
}

/** The number of lines of a plan that the summary shows; the log and the output `plan` have all of them. */
const mostLines = 500

const limited = (lines: readonly string[]): readonly string[] =>
  lines.length <= mostLines
    ? lines
    : [...lines.slice(0, mostLines), `… and ${lines.length - mostLines} more lines, which the log shows`]

const total = ({ stages }: Report): number =>
  Math.max(...stages.map(({ end }) => end)) - Math.min(...stages.map(({ begin }) => begin))

function strategyHint(hints: readonly StrategyHint[]): string {
  const options = [...new Set(hints.map(({ strategy }) => strategy))].map(strategy => {
    const names = hints.filter(each => each.strategy === strategy).map(({ name }) => code(name))
    return `${names.join(', ')} (\`strategy: ${strategy}\`)`
  })
  return `> 💡 Requests that arrived while Compose recreated the container were lost. Another strategy avoids this: ${options.join(', ')}.`
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

function facts({ end, image, deploy }: Report, context: Context, now: Date): string[][] {
  const commit = image?.commit ?? deploy?.commit
  const rows = [
    ...(deploy === undefined ? [] : releaseRows(end, deploy, context, now)),
    deploy && ['Server', where(deploy)],
    image && ['Image', pinned(image, context)],
    commit !== undefined && ['Commit', commitLink(commit, context)],
    deploy?.uploads && ['Uploaded', prose(deploy.uploads.join(', '))],
    deploy?.strategies && ['Strategy', prose(deploy.strategies.join('; '))],
    deploy?.others && ['Other services', prose(deploy.others.join('; '))],
    deploy?.places && ['Tasks', prose(deploy.places.join('; '))],
    deploy?.created && ['Created', deploy.created.map(code).join(', ')],
  ]
  return rows.filter(row => row !== undefined && row !== false)
}

function pinned({ repository, digest, tags: [first] }: ImageReport, context: Context): string {
  if (digest === undefined) return code(repository)
  const page = packagePage(first ?? `${repository}@${digest}`, context)
  return link(code(`${repository}@sha256:${short(digest)}`), page)
}

const commitLink = (commit: string, { serverUrl, repository }: Context): string =>
  link(code(commit.slice(0, 7)), `${serverUrl}/${repository}/commit/${commit}`)

const where = ({ target, project, services }: DeployReport): string =>
  `${services.map(({ name }) => code(name)).join(', ')}${ofProject(project)} on ${code(target)}`

function ofProject(project: string): string {
  const stack = stackOf(project)
  if (stack !== undefined) return stack === '' ? '' : ` of stack ${code(stack)}`
  return ` of project ${code(project)}`
}

function platforms({ platforms: list }: ImageReport): string | undefined {
  if (list.length === 0) return undefined
  const comparable = list.some(({ before }) => before !== undefined)
  const head = ['Platform', 'Size', ...(comparable ? ['Since the last release'] : [])]
  const rows = list.map(({ platform, size: bytes, before }) => [
    code(platform),
    bytes === undefined ? '' : size(bytes),
    ...(comparable ? [delta(bytes, before)] : []),
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
