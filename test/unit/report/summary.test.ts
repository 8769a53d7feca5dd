import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { readContext } from '../../../src/core/context.ts'
import { Failure, lastLines } from '../../../src/core/errors.ts'
import { type Digest, parseDigest } from '../../../src/image/digest.ts'
import { plainHeadline } from '../../../src/report/headline.ts'
import type { Report } from '../../../src/report/report.ts'
import { renderSummary } from '../../../src/report/summary.ts'
import { writeReport } from '../../../src/report/write.ts'

const context = readContext({ GITHUB_REPOSITORY: 'octo/app', GITHUB_SHA: 'c0ffee'.padEnd(40, '0') }, '')
const digest = (letter: string) => parseDigest(`sha256:${letter.repeat(64)}`) as Digest
const a = `ghcr.io/octo/app@sha256:${'a'.repeat(64)}`
const b = `ghcr.io/octo/app@sha256:${'b'.repeat(64)}`
const released: Report = {
  end: 'released',
  image: {
    repository: 'ghcr.io/octo/app',
    digest: digest('b'),
    tags: ['ghcr.io/octo/app:latest'],
    platforms: [
      { platform: 'linux/amd64', size: 2_000_000, before: 1_500_000 },
      { platform: 'linux/arm64', size: 2_100_000 },
    ],
    commit: 'c0ffee'.padEnd(40, '0'),
  },
  deploy: {
    target: 'deploy@example.com',
    project: 'shop',
    services: [{ name: 'web', previous: a, wanted: b, serving: b }],
  },
  stages: [{ title: 'Build: all, of it', begin: 1000, end: 3500, failed: false }],
  warnings: [],
}

/** Returns the text without markup. */
const plain = (text: string): string => text.replaceAll(/<[^>]+>|`/g, '')

test('the first line says which release runs where', () => {
  const [first] = renderSummary(released, context).split('\n')
  assert.equal(first, '### 🚢 `web` runs **`bbbbbbbbbbbb`** on `deploy@example.com`')
})

test('the table has the previous and the new release, and the commit', () => {
  const text = renderSummary(released, context)
  assert.match(plain(text), /\| Release \| aaaaaaaaaaaa → bbbbbbbbbbbb \|/)
  assert.match(text, /href="https:\/\/github.com\/octo\/app\/commit\/c0ffee0+">`c0ffee0`/)
})

test('platforms with their sizes and the change since the last release', () => {
  const text = renderSummary(released, context)
  assert.match(text, /`linux\/amd64` \| 2\.0 MB \| \+500 kB/)
  assert.match(text, /`linux\/arm64` \| 2\.1 MB \| new/)
})

test('the titles of the timeline contain no Mermaid syntax', () => {
  assert.match(renderSummary(released, context), /\n {2}Build {2}all {2}of it \(2\.5 s\) :0, 2500\n/)
})

test('a failure shows cause, remedy and the last lines, with markup escaped', () => {
  const failure = new Failure('deploy', {
    cause: 'web <b>never</b> became healthy',
    remedy: 'Look at `start_period` | the log',
    output: '```\nboom',
  })
  const deploy = {
    target: 'h',
    project: 'p',
    services: [{ name: 'web', previous: a, wanted: b, serving: a }],
  }
  const text = renderSummary({ end: 'rolled-back', deploy, stages: [], warnings: [], failure }, context)
  assert.match(text, /^### ↩️ `web`: `bbbbbbbbbbbb` failed, \*\*`aaaaaaaaaaaa` is running\*\* on `h`/)
  assert.match(text, /\*\*web &lt;b&gt;never&lt;\/b&gt; became healthy\*\*/)
  assert.match(text, /Look at `start_period` \\\| the log/)
  assert.match(text, /````text\n```\nboom\n````/)
})

const page = 'https://github.com/octo/app/pkgs/container/app'

test('the image and the releases link to the page of the package', () => {
  const links = renderSummary(released, context).split(`href="${page}"`).length - 1
  assert.equal(links, 3)
})

test('the commit of an image from an earlier build is not the commit of the run', () => {
  const { commit, ...image } = released.image ?? { commit: '' }
  assert.equal(commit, context.sha)
  assert.doesNotMatch(renderSummary({ ...released, image } as Report, context), /Commit|commit\//)
  const earlier = { ...released.deploy, commit: 'd00d'.padEnd(40, '0') }
  const back = { end: 'released', deploy: earlier, stages: [], warnings: [] } as unknown as Report
  assert.match(renderSummary(back, context), /Commit.*commit\/d00d0+"/)
})

suite('a run that ended before it changed anything says what keeps running', () => {
  const deploy = { target: 'host', project: 'shop', services: [{ name: 'web', previous: a, serving: a }] }
  const rows: [string, Partial<Report>, string][] = [
    ['build', { end: 'failed', deploy }, '❌ The build failed; web keeps running aaaaaaaaaaaa on host'],
    [
      'preflight',
      { end: 'failed', deploy },
      '❌ Nothing was built or changed; web keeps running aaaaaaaaaaaa on host',
    ],
    ['build', { end: 'failed' }, '❌ The build failed'],
    ['plan', { end: 'failed' }, '❌ The inputs are wrong: nothing was built or changed'],
    [
      'build',
      { end: 'failed', deploy: { ...deploy, services: [{ name: 'web' }] } },
      '❌ The build failed; nothing was changed on host',
    ],
    [
      'preflight',
      { end: 'failed', deploy: { ...deploy, services: [...deploy.services, { name: 'worker' }] } },
      '❌ Nothing was built or changed; web keeps running aaaaaaaaaaaa on host',
    ],
    ['deploy', { end: 'cancelled', deploy }, '🛑 Cancelled; web keeps running aaaaaaaaaaaa on host'],
    [
      'deploy',
      { end: 'lost', deploy: { ...deploy, services: [{ name: 'web', wanted: b }] } },
      '❓ The connection was lost on host: the server finishes the deploy of web on its own',
    ],
  ]
  for (const [stage, report, expected] of rows) {
    test(expected, () => {
      const failure = new Failure(stage as 'build', { cause: 'no' })
      const [first] = renderSummary(
        { stages: [], warnings: [], failure, ...report } as Report,
        context,
      ).split('\n')
      assert.equal(plain(first ?? ''), `### ${expected}`)
    })
  }
})

suite('the releases', () => {
  const [c, d] = ['c', 'd'].map(digit => `ghcr.io/octo/app@sha256:${digit.repeat(64)}`)
  const web = { name: 'web', previous: a, wanted: b, serving: b }
  const rows: [string, Report['end'], object[], RegExp[]][] = [
    ['after an update', 'released', [web], [/\| Release \| a{12} → b{12} \|/]],
    ['after a first deploy', 'released', [{ name: 'web', wanted: b, serving: b }], [/\| nothing → b{12} \|/]],
    [
      'after a deploy of the same release',
      'released',
      [{ ...web, previous: b }],
      [/^### ✅.*as before/, /\| b{12}, unchanged \|/],
    ],
    ['after a rollback', 'rolled-back', [{ ...web, serving: a }], [/\| b{12} failed, a{12} is running \|/]],
    [
      'after a lost connection',
      'lost',
      [{ name: 'web', previous: a, wanted: b }],
      [/\| Release \| a{12} ran before; what runs now is unknown \|/],
    ],
    [
      'after a failed first deploy',
      'removed',
      [{ name: 'web', wanted: b }],
      [/\| b{12} failed and was removed \|/],
    ],
    ['after a failed rollback', 'broken', [web], [/\| b{12} failed, b{12} runs \|/]],
    [
      'after a failed rollback, with nothing running',
      'broken',
      [{ name: 'web', wanted: b }],
      [/\| b{12} failed, nothing runs \|/],
    ],
    [
      'of two services that ran different releases',
      'rolled-back',
      [
        { ...web, previous: c, serving: c },
        { ...web, name: 'api', previous: d, serving: d },
      ],
      [
        /^### ↩️ web and api: b{12} failed, \*\*c{12} and d{12} are running\*\*/,
        /\| Release of web \| b{12} failed, c{12} /,
        /\| Release of api \| b{12} failed, d{12} /,
      ],
    ],
    [
      'that were not promoted',
      'not-promoted',
      [web],
      [/^### ⚠️ web runs \*\*b{12}\*\* on host, but was not promoted/, /a{12} → b{12}/],
    ],
  ]
  for (const [name, end, services, expected] of rows) {
    test(name, () => {
      const deploy = { target: 'host', project: 'shop', services } as unknown as Report['deploy']
      const text = plain(
        renderSummary({ end, deploy, stages: [], warnings: [] } as unknown as Report, context),
      )
      for (const pattern of expected) assert.match(text, pattern)
    })
  }

  test('are not called broken if nothing was deployed and a file could not be restored', () => {
    const deploy = { target: 'host', project: 'shop', untouched: true, services: [{ ...web, serving: a }] }
    const text = plain(renderSummary({ end: 'broken', deploy, stages: [], warnings: [] }, context))
    assert.match(
      text,
      /^### 🚨 web: b{12} was not deployed, \*\*a{12} is running\*\* on host, and files or tags could not be restored/,
    )
  })

  test('of a whole project list what happened to the other services', () => {
    const others = ['created db', 'recreated proxy, worker', 'removed old', 'kept cache']
    const deploy = { target: 'host', project: 'shop', services: [web], others }
    const text = plain(renderSummary({ end: 'released', deploy, stages: [], warnings: [] }, context))
    assert.match(text, /\| Other services \| created db; recreated proxy, worker; removed old; kept cache \|/)
  })

  test('are omitted if the server was not inspected: another deploy holds the lock', () => {
    const deploy = { target: 'host', project: 'shop', services: [{ name: 'web', wanted: b }] }
    assert.doesNotMatch(
      renderSummary({ end: 'failed', deploy, stages: [], warnings: [] }, context),
      /Release/,
    )
  })
})

test('the timeline shows the steps on the server', () => {
  const steps = [
    { title: 'Lock', begin: 1500, end: 1510, failed: false },
    { title: 'Pull', begin: 1510, end: 2510, failed: false },
    { title: 'Gate', begin: 2510, end: 3500, failed: true },
  ]
  const deploy = { target: 'host', project: 'shop', services: [], steps }
  const text = renderSummary({ ...released, deploy }, context)
  assert.match(
    text,
    /\n {2}section Runner\n.*\n {2}section Server\n {2}Pull \(1\.0 s\) :510, 1510\n {2}Gate .* :crit, 1510, 2500\n/,
  )
})

suite('the headline says how a run ended and what runs now', () => {
  const now = new Date('2026-01-31T18:00:00Z')
  const [two, three] = ['2', '3'].map(digit => digit.repeat(40))
  const known = {
    [`sha256:${'a'.repeat(64)}`]: { commit: two, run: 8, when: '2026-01-31T16:35:00Z' },
    [`sha256:${'b'.repeat(64)}`]: { commit: three, version: '1.1.0', run: 9, when: '2026-01-31T18:00:00Z' },
  }
  const deploy = (service: object) =>
    ({
      target: 'host',
      project: 'shop',
      known,
      services: [{ name: 'web', ...service }],
    }) as unknown as Report['deploy']
  const several = {
    ...deploy({}),
    services: ['web', 'worker', 'beat'].map(name => ({ name, previous: a, wanted: b, serving: b })),
  }
  const failure = (stage: 'preflight' | 'deploy') => new Failure(stage, { cause: 'no', code: 'superseded' })
  const table: readonly { name: string; input: object; expected: string; row?: RegExp }[] = [
    {
      name: 'first deploy',
      input: { end: 'released', deploy: deploy({ wanted: b, serving: b }) },
      expected: '🚢 web runs 3333333 (1.1.0, run 9, 18:00 UTC) on host for the first time',
      row: /\| Release \| nothing → 3333333 \(1\.1\.0, run 9, 18:00 UTC\) \|/,
    },
    {
      name: 'update',
      input: { end: 'released', deploy: deploy({ previous: a, wanted: b, serving: b }) },
      expected: '🚢 web runs 3333333 (1.1.0, run 9, 18:00 UTC) on host',
      row: /\| Release \| 2222222 \(run 8, 16:35 UTC\) → 3333333 \(1\.1\.0, run 9, 18:00 UTC\) \|/,
    },
    {
      name: 'update of several services',
      input: { end: 'released', deploy: several },
      expected: '🚢 web, worker and beat run 3333333 (1.1.0, run 9, 18:00 UTC) on host',
    },
    {
      name: 'rolled back',
      input: { end: 'rolled-back', deploy: deploy({ previous: a, wanted: b, serving: a }) },
      expected: '↩️ web: 3333333 failed, 2222222 (run 8, 16:35 UTC) is running on host',
    },
    {
      name: 'failed in preflight',
      input: { end: 'failed', failure: failure('preflight'), deploy: deploy({ previous: a, serving: a }) },
      expected: '❌ Nothing was built or changed; web keeps running 2222222 (run 8, 16:35 UTC) on host',
      row: /\| Release \| 2222222 \(run 8, 16:35 UTC\), unchanged \|/,
    },
    {
      name: 'stopped on the server',
      input: {
        end: 'failed',
        failure: failure('deploy'),
        deploy: deploy({ previous: a, wanted: b, serving: a }),
      },
      expected:
        '❌ The deploy stopped before it changed anything; web keeps running 2222222 (run 8, 16:35 UTC) on host',
    },
    {
      name: 'superseded',
      input: {
        end: 'superseded',
        run: 5,
        failure: failure('preflight'),
        deploy: deploy({ previous: a, serving: a }),
      },
      expected:
        '⏭️ Run 5 is older than the running release: nothing was built or changed; web keeps running 2222222 (run 8, 16:35 UTC) on host',
    },
    {
      name: 'superseded during the build',
      input: { end: 'superseded', run: 5, failure: failure('deploy'), deploy: deploy({}) },
      expected: '⏭️ Run 5 is older than the running release: nothing was changed on host',
    },
    {
      name: 'dry run',
      input: { end: 'planned', deploy: deploy({ previous: a, serving: a }) },
      expected: '📝 Dry run: nothing was changed; web keeps running 2222222 (run 8, 16:35 UTC) on host',
    },
    {
      name: 'a dry run of a build',
      input: { end: 'planned' },
      expected: '📝 Dry run: nothing was changed',
    },
  ]
  for (const { name, input, expected, row } of table) {
    test(name, () => {
      const report = { stages: [], warnings: [], ...input } as unknown as Report
      const text = plain(renderSummary(report, context, now))
      assert.equal(text.split('\n')[0]?.replaceAll('**', ''), `### ${expected}`)
      assert.equal(plainHeadline(report, now), expected)
      if (row) assert.match(text, row)
    })
  }
})

test('the summary fits into what GitHub takes', () => {
  const output = lastLines(`${'x'.repeat(65_000)}\n`.repeat(30))
  const failure = new Failure('deploy', { cause: 'It failed.', output })
  const failed: Report = { ...released, end: 'failed', failure }
  assert.ok(renderSummary(failed, context).length < 200_000)
  const plan = Array.from({ length: 20_000 }, (_, index) => `  upload some/directory/file-${index}`)
  const text = renderSummary({ end: 'planned', plan, stages: [], warnings: [] }, context)
  assert.ok(text.length < 200_000)
  assert.match(text, /… and 19500 more lines, which the log shows/)
})

test('a masked word does not remove the summary', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-summary-'))
  const file = join(folder, 'summary.md')
  try {
    const warnings: string[] = []
    const log = {
      hide: (text: string) => text.replaceAll('release', '***'),
      warning: (text: string) => void warnings.push(text),
      line: () => undefined,
    }
    const env = { GITHUB_STEP_SUMMARY: file, GITHUB_OUTPUT: join(folder, 'output') }
    writeFileSync(env.GITHUB_OUTPUT, '')
    writeReport(released, { log, context, env } as never, true)
    assert.deepEqual(warnings, [])
    assert.match(readFileSync(file, 'utf8'), /🚢 `web` runs/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
