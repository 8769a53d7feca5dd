import type { Verdict } from '../../src/deploy/verdict.ts'
import { Failure } from '../../src/errors.ts'
import { readContext } from '../../src/github/context.ts'
import { problemOf } from '../../src/outcome.ts'
import type { Report } from '../../src/report/report.ts'
import { renderSummary } from '../../src/report/summary.ts'

/** What a run of the first workflow of the README writes when it ends well, and when it was rolled back. */
export function renderEndings(): Readonly<Record<string, string>> {
  const quote = (report: Report) =>
    renderSummary(report, context).trimEnd().replace(/^/gm, '> ').replace(/ +$/gm, '')
  return { released: quote(released), 'rolled-back': quote(rolledBack) }
}

const context = readContext(
  { GITHUB_REPOSITORY: 'octo/app', GITHUB_SHA: 'c0ffee5a1e5b0a7f00d15ea5e0fdecade0a51de5' },
  '',
)

const digest = (start: string): string => `sha256:${start.padEnd(64, '0')}`
const before = `ghcr.io/octo/app@${digest('6a1f7c0b9d24')}`
const after = `ghcr.io/octo/app@${digest('e3b84d5f1a90')}`

/** Titles and seconds of the stages, one after the other. */
function stages(...list: readonly (readonly [title: string, seconds: number])[]): Report['stages'] {
  let end = 0
  return list.map(([title, seconds]) => {
    const begin = end
    end += seconds * 1000
    return { title, begin, end, failed: false }
  })
}

const image: NonNullable<Report['image']> = {
  repository: 'ghcr.io/octo/app',
  digest: digest('e3b84d5f1a90'),
  tags: ['ghcr.io/octo/app:main', 'ghcr.io/octo/app:latest', 'ghcr.io/octo/app:sha-c0ffee5'],
  platforms: [
    { platform: 'linux/amd64', size: 48_312_004, before: 47_905_120 },
    { platform: 'linux/arm64', size: 46_120_511, before: 46_120_511 },
  ],
  url: 'https://github.com/octo/app/pkgs/container/app',
}

const server = { target: 'deploy@example.com', project: 'app', services: ['web'], previous: before }

const begun = stages(
  ['Check everything first', 2.1],
  ['Build and push for linux/amd64 and linux/arm64', 41.8],
)

const released: Report = {
  end: 'released',
  image,
  deploy: { ...server, serving: after },
  stages: [...begun, ...stages(['Deploy web', 14.2]).map(later(43_900))],
  warnings: [],
}

const lastWords =
  'Error: connect ECONNREFUSED 172.18.0.2:5432\n    at Database.connect (/app/server.js:14:11)'

const verdict: Verdict = {
  kind: 'rolled-back',
  stage: 'gate',
  reason: 'web restarted 3 times (exit code 1)',
  deployed: { web: before },
  previous: { web: before },
  stages: [],
  output: lastWords,
}

const rolledBack: Report = {
  end: 'rolled-back',
  image,
  deploy: {
    ...server,
    serving: before,
    log: lastWords,
  },
  stages: [
    ...begun,
    ...stages(['Deploy web', 33.6])
      .map(later(43_900))
      .map(stage => ({ ...stage, failed: true })),
  ],
  failure: new Failure('deploy', problemOf(verdict)),
  warnings: [],
}

function later(milliseconds: number) {
  return (stage: Report['stages'][number]) => ({
    ...stage,
    begin: stage.begin + milliseconds,
    end: stage.end + milliseconds,
  })
}
