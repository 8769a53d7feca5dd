import { readContext } from '../../src/core/context.ts'
import { Failure } from '../../src/core/errors.ts'
import type { Order } from '../../src/deploy/order.ts'
import { problemOf } from '../../src/deploy/outcome.ts'
import type { Verdict } from '../../src/deploy/verdict.ts'
import { refusalRemedy } from '../../src/registry/push.ts'
import { deployReport } from '../../src/report/deployed.ts'
import { headline } from '../../src/report/headline.ts'
import { planLines } from '../../src/report/plan.ts'
import type { Report } from '../../src/report/report.ts'
import { renderSummary } from '../../src/report/summary.ts'
import { checkTitle, deployTitle, imageTitle } from '../../src/report/titles.ts'
import { formatTarget } from '../../src/ssh/address.ts'
import type { VerifiedRelease } from '../../src/target/compose-host/facts.ts'
import { overtaken, releasesOf } from '../../src/target/compose-host/history.ts'
import { missingServices } from '../../src/target/compose-host/services.ts'

/**
 * Renders the job summaries of the README's first workflow after a successful deploy and after a rollback, and the
 * headlines of the outcomes that have no picture.
 */
export function renderEndings(): Readonly<Record<string, string>> {
  const quote = (report: Report) =>
    renderSummary(report, context, new Date(start)).trimEnd().replace(/^/gm, '> ').replace(/ +$/gm, '')
  const rows = others.map(([report, meaning]) => `| ${headline(report, shownAt)} | ${meaning} |`)
  return {
    released: quote(endings.released),
    'rolled-back': quote(endings['rolled-back']),
    others: ['| The summary begins with | The job is |', '| --- | --- |', ...rows].join('\n'),
  }
}

export const context = readContext(
  { GITHUB_REPOSITORY: 'octo/app', GITHUB_SHA: 'c0ffee5a1e5b0a7f00d15ea5e0fdecade0a51de5' },
  '',
)

const digest = (start: string): string => `sha256:${start.padEnd(64, '0')}`
const before = `ghcr.io/octo/app@${digest('6a1f7c0b9d24')}`
const after = `ghcr.io/octo/app@${digest('e3b84d5f1a90')}`

const image: NonNullable<Report['image']> = {
  repository: 'ghcr.io/octo/app',
  digest: digest('e3b84d5f1a90'),
  tags: ['ghcr.io/octo/app:main', 'ghcr.io/octo/app:latest', 'ghcr.io/octo/app:sha-c0ffee5'],
  platforms: [
    { platform: 'linux/amd64', size: 48_312_004, before: 47_905_120 },
    { platform: 'linux/arm64', size: 46_120_511, before: 46_120_511 },
  ],
  commit: context.sha,
}

const firstImage = {
  ...image,
  platforms: image.platforms.map(({ platform, size = 0 }) => ({ platform, size })),
}

const start = Date.parse('2026-01-31T16:35:00Z')

const earlier = {
  when: '2026-01-30T09:12:44Z',
  verdict: 'ok',
  image: before,
  tags: ['main', 'latest'],
  commit: 'b01dface'.padEnd(40, '0'),
  number: 8,
}

/** Builds the order of a deploy, with only the fields that its report reads. */
const orderOf = (names: readonly string[]): Order =>
  ({
    plan: {},
    facts: { project: { name: 'app', directory: '/srv/app', history: [earlier] } },
    services: names.map(name => ({ name, reference: 'ghcr.io/octo/app:latest', image: after })),
    run: { commit: context.sha, number: 9, tags: ['main', 'latest', 'sha-c0ffee5'] },
  }) as unknown as Order

const target = formatTarget({ user: 'deploy', host: 'example.com', port: 22 })

/** Builds the report of a run with this verdict. Its last stage is the deploy, which spans the steps on the server. */
function reportOf(end: Report['end'], verdict: Verdict, names: readonly string[] = ['web']): Report {
  const failed = end !== 'released'
  const onServer = verdict.stages.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  const stages = endToEnd([
    { title: checkTitle, milliseconds: 2100, failed: false },
    { title: imageTitle('push', ['linux/amd64', 'linux/arm64']), milliseconds: 41_800, failed: false },
    { title: deployTitle({ services: names, whole: false }, target), milliseconds: onServer + 700, failed },
  ])
  return {
    end,
    image,
    deploy: deployReport(orderOf(names), target, verdict, stages.at(-1)?.end ?? 0),
    stages,
    warnings: [],
    ...(failed ? { failure: new Failure('deploy', problemOf(verdict)) } : {}),
  }
}

/** Gives stages of known lengths their begin and end, one after the other. */
function endToEnd(list: readonly { title: string; milliseconds: number; failed: boolean }[]) {
  let end = start
  return list.map(({ title, milliseconds, failed }) => {
    const begin = end
    end += milliseconds
    return { title, begin, end, failed }
  })
}

const times = (...steps: readonly (readonly [stage: string, milliseconds: number])[]): Verdict['stages'] =>
  steps.map(([stage, milliseconds]) => ({ stage, milliseconds }))

const untilStart = times(['lock', 20], ['record', 180], ['pull', 2900], ['pin', 40], ['up', 1600])

const first: Verdict = {
  kind: 'ok',
  deployed: { web: after },
  previous: {},
  stages: [...untilStart, ...times(['gate', 10_400], ['verify', 140])],
  output: '',
}

const updated: Verdict = { ...first, previous: { web: before } }

const rolledBack: Verdict = {
  kind: 'rolled-back',
  stage: 'gate',
  code: 'crash-loop',
  reason: 'web restarted 3 times (exit code 1)',
  deployed: { web: before },
  previous: { web: before },
  stages: [...untilStart, ...times(['gate', 15_100], ['rollback', 900], ['gate', 10_300])],
  output: 'Error: connect ECONNREFUSED 172.18.0.2:5432\n    at Database.connect (/app/server.js:14:11)',
}

const known = releasesOf([{ ...earlier, service: 'web', url: '' }])
/** The deploy of a run that stopped before it changed anything: the release of run 8 keeps running. */
const untouched: Report['deploy'] = {
  target,
  project: 'app',
  known,
  services: [{ name: 'web', previous: before, serving: before }],
}
const checked = endToEnd([{ title: checkTitle, milliseconds: 2100, failed: true }])

const refused: Report = {
  end: 'failed',
  stages: checked,
  warnings: [],
  failure: new Failure('preflight', [
    {
      input: 'image',
      cause: 'This run may not push to `ghcr.io/octo/app` (permission_denied: write_package).',
      remedy: refusalRemedy('ghcr.io', 403, 'permission_denied: write_package'),
    },
    ...missingServices(
      {
        config: { services: { web: {}, db: {} } },
        project: { composeFiles: ['/srv/app/compose.yaml'] },
      } as never,
      { services: ['wbe'] } as never,
    ),
  ]),
}

const home = 'https://github.com/octo/app'
const newer = {
  service: 'web',
  image: before,
  url: `${home}/actions/runs/8`,
  workflow: 'Deploy',
  ref: 'refs/heads/main',
  number: 8,
  when: earlier.when,
} as unknown as VerifiedRelease

const superseded: Report = {
  end: 'superseded',
  run: 7,
  stages: checked.map(stage => ({ ...stage, failed: false })),
  warnings: [],
  deploy: untouched,
  failure: new Failure(
    'preflight',
    overtaken(
      [{ name: 'web', containers: [{}] } as never],
      { verified: [newer], history: [{ ...earlier, service: 'web' } as never], unfinished: false },
      { home, workflow: 'Deploy', ref: 'refs/heads/main', number: 7, commit: context.sha },
      new Date(start),
    ),
  ),
}

const planned: Report = {
  end: 'planned',
  stages: superseded.stages,
  warnings: [],
  deploy: untouched,
  plan: planLines({
    version: 'main',
    build: {
      context: '.',
      file: undefined,
      target: undefined,
      platforms: ['linux/amd64', 'linux/arm64'],
    },
    reused: undefined,
    push: image.tags,
    deploy: {
      target,
      project: 'app',
      directory: '/srv/app',
      rollbackTo: undefined,
      unfinished: false,
      files: ['compose.yaml'],
      deletes: [],
      settings: ['LOG_LEVEL changed'],
      changes: [],
      env: {},
      services: [{ name: 'web', from: before, reference: 'ghcr.io/octo/app:latest' }],
    } as never,
    promote: [],
    warnings: [],
  }),
}

const several = reportOf(
  'released',
  { ...updated, deployed: { web: after, worker: after }, previous: { web: before, worker: before } },
  ['web', 'worker'],
)

const failedFirst: Verdict = { ...rolledBack, deployed: {}, previous: {} }

/** The reports of the runs of which only the headline is shown, and what each means. */
const others: readonly (readonly [Report, string])[] = [
  [
    reportOf('removed', { ...failedFirst, kind: 'removed' }),
    'red: the first release failed. Slipway removed it, so nothing is running.',
  ],
  [
    reportOf('broken', { ...rolledBack, kind: 'broken', deployed: {} }),
    'red: the new release failed, and so did the rollback. With `rollback: false`, the failed release was left in place. The summary says what the server runs and what to do.',
  ],
  [
    { ...reportOf('lost', updated), failure: new Failure('deploy', []) },
    'red: Slipway could not reconnect. The server finishes the deploy or rolls it back. To see what is running, run the job again.',
  ],
  [
    { ...reportOf('not-promoted', updated), failure: new Failure('push', []) },
    'red: the new release is running, but the tags of `promote` were not moved. Run the job again.',
  ],
  [
    { end: 'cancelled', stages: checked, warnings: [], deploy: untouched },
    'cancelled. Nothing was changed on the server.',
  ],
]

/** The reports of the runs that are shown, by name. */
export const endings = {
  first: { ...reportOf('released', first), image: firstImage },
  released: reportOf('released', updated),
  'rolled-back': reportOf('rolled-back', rolledBack),
  refused,
  superseded,
  planned,
  several,
} as const satisfies Readonly<Record<string, Report>>

/** The moment at which the runs are shown. */
export const shownAt = new Date(start)
