import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { readContext } from '../../../src/core/context.ts'
import { Failure } from '../../../src/core/errors.ts'
import type { Report } from '../../../src/report/report.ts'
import { renderSummary } from '../../../src/report/summary.ts'

const context = readContext({ GITHUB_REPOSITORY: 'octo/app', GITHUB_SHA: 'c0ffee'.padEnd(40, '0') }, '')
const a = `ghcr.io/octo/app@sha256:${'a'.repeat(64)}`
const b = `ghcr.io/octo/app@sha256:${'b'.repeat(64)}`
const released: Report = {
  end: 'released',
  image: {
    repository: 'ghcr.io/octo/app',
    digest: `sha256:${'b'.repeat(64)}`,
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

/** The text as it is read. */
const plain = (text: string): string => text.replaceAll(/<[^>]+>|`/g, '')

test('the first line says what serves where', () => {
  const [first] = renderSummary(released, context).split('\n')
  assert.equal(first, '### 🚢 `web` runs `bbbbbbbbbbbb` on `deploy@example.com`')
})

test('from which release to which, and the commit', () => {
  const text = renderSummary(released, context)
  assert.match(plain(text), /\| Release \| aaaaaaaaaaaa → bbbbbbbbbbbb \|/)
  assert.match(text, /href="https:\/\/github.com\/octo\/app\/commit\/c0ffee0+">`c0ffee0`/)
})

test('platforms with their sizes and the change since the last release', () => {
  const text = renderSummary(released, context)
  assert.match(text, /`linux\/amd64` \| 2\.0 MB \| \+500 kB/)
  assert.match(text, /`linux\/arm64` \| 2\.1 MB \| new/)
})

test('a timeline whose titles are no syntax', () => {
  assert.match(renderSummary(released, context), /\n {2}Build {2}all {2}of it \(2\.5 s\) :0, 2500\n/)
})

test('a failure shows cause, remedy and the last lines, and markup in them stays text', () => {
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
  assert.match(text, /^### ↩️ `web` failed and was rolled back: `aaaaaaaaaaaa` serves again/)
  assert.match(text, /\*\*web &lt;b&gt;never&lt;\/b&gt; became healthy\*\*/)
  assert.match(text, /Look at `start_period` \\\| the log/)
  assert.match(text, /````text\n```\nboom\n````/)
})

const page = 'https://github.com/octo/app/pkgs/container/app'

test('the image and the releases are linked to the page of the package', () => {
  const links = renderSummary(released, context).split(`href="${page}"`).length - 1
  assert.equal(links, 3)
})

test('the commit of an image that was not built here is not that of the run', () => {
  const { commit, ...image } = released.image ?? { commit: '' }
  assert.equal(commit, context.sha)
  assert.doesNotMatch(renderSummary({ ...released, image } as Report, context), /Commit|commit\//)
  const earlier = { ...released.deploy, commit: 'd00d'.padEnd(40, '0') }
  const back = { end: 'released', deploy: earlier, stages: [], warnings: [] } as unknown as Report
  assert.match(renderSummary(back, context), /Commit.*commit\/d00d0+"/)
})

suite('a run that ended before it changed anything says what goes on serving', () => {
  const deploy = { target: 'host', project: 'shop', services: [{ name: 'web', previous: a, serving: a }] }
  const rows: [string, Partial<Report>, string][] = [
    ['build', { end: 'failed', deploy }, '❌ The build failed; aaaaaaaaaaaa goes on serving on host'],
    ['preflight', { end: 'failed', deploy }, '❌ The check failed; aaaaaaaaaaaa goes on serving on host'],
    ['build', { end: 'failed' }, '❌ The build failed'],
    ['plan', { end: 'failed' }, '❌ The inputs are wrong'],
    [
      'build',
      { end: 'failed', deploy: { ...deploy, services: [{ name: 'web' }] } },
      '❌ The build failed; nothing was changed on host',
    ],
    ['deploy', { end: 'cancelled', deploy }, '🛑 Cancelled; aaaaaaaaaaaa goes on serving on host'],
    [
      'deploy',
      { end: 'lost', deploy: { ...deploy, services: [{ name: 'web', wanted: b }] } },
      '❓ Nobody could see the end on host: it ends there by itself',
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
    ['of an update', 'released', [web], [/\| Release \| a{12} → b{12} \|/]],
    ['of a first one', 'released', [{ name: 'web', wanted: b, serving: b }], [/\| nothing → b{12} \|/]],
    [
      'of none that changed',
      'released',
      [{ ...web, previous: b }],
      [/^### ✅.*as before/, /\| b{12}, unchanged \|/],
    ],
    [
      'that failed and was rolled back',
      'rolled-back',
      [{ ...web, serving: a }],
      [/\| b{12} failed, a{12} serves again \|/],
    ],
    [
      'of a server that was lost',
      'lost',
      [{ name: 'web', previous: a, wanted: b }],
      [/\| Release \| a{12} served before; what serves now is not known \|/],
    ],
    [
      'that failed and was removed',
      'removed',
      [{ name: 'web', wanted: b }],
      [/\| b{12} failed and was removed \|/],
    ],
    ['that failed and was left', 'broken', [web], [/\| b{12} failed, b{12} is left \|/]],
    [
      'that failed, with nothing left',
      'broken',
      [{ name: 'web', wanted: b }],
      [/\| b{12} failed, nothing runs \|/],
    ],
    [
      'of two services that ran different ones',
      'rolled-back',
      [
        { ...web, previous: c, serving: c },
        { ...web, name: 'api', previous: d, serving: d },
      ],
      [
        /^### .*c{12} and d{12} serves again/,
        /\| Release of web \| b{12} failed, c{12} /,
        /\| Release of api \| b{12} failed, d{12} /,
      ],
    ],
    [
      'that serve, and were not promoted',
      'not-promoted',
      [web],
      [/^### ⚠️ web runs b{12} on host, but was not promoted/, /a{12} → b{12}/],
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

  test('are left out where nobody looked: another deploy has the lock', () => {
    const deploy = { target: 'host', project: 'shop', services: [{ name: 'web', wanted: b }] }
    assert.doesNotMatch(
      renderSummary({ end: 'failed', deploy, stages: [], warnings: [] }, context),
      /Release/,
    )
  })
})

test('the timeline has what the time on the server went to', () => {
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
