import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/errors.ts'
import { readContext } from '../../../src/github/context.ts'
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
  },
  deploy: { target: 'deploy@example.com', project: 'shop', services: ['web'], previous: a, serving: b },
  stages: [{ title: 'Build: all, of it', begin: 1000, end: 3500, failed: false }],
  warnings: [],
}

test('the first line says what serves where', () => {
  const [first] = renderSummary(released, context).split('\n')
  assert.equal(
    first,
    '### 🚢 <code>web</code> runs <code>bbbbbbbbbbbb</code> on <code>deploy@example.com</code>',
  )
})

test('from which release to which, and the commit', () => {
  const text = renderSummary(released, context)
  assert.match(text, /aaaaaaaaaaaa<\/code> → <code>bbbbbbbbbbbb/)
  assert.match(text, /href="https:\/\/github.com\/octo\/app\/commit\/c0ffee0+"><code>c0ffee0<\/code>/)
})

test('platforms with their sizes and the change since the last release', () => {
  const text = renderSummary(released, context)
  assert.match(text, /linux\/amd64<\/code> \| 2\.0 MB \| \+500 kB/)
  assert.match(text, /linux\/arm64<\/code> \| 2\.1 MB \| new/)
})

test('a timeline whose titles are no syntax', () => {
  assert.match(renderSummary(released, context), /\n {2}Build {2}all {2}of it \(2\.5 s\) :done, 0, 2500\n/)
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
    services: ['web'],
    previous: a,
    serving: a,
  }
  const text = renderSummary({ end: 'rolled-back', deploy, stages: [], warnings: [], failure }, context)
  assert.match(
    text,
    /^### ↩️ <code>web<\/code> failed and was rolled back: <code>aaaaaaaaaaaa<\/code> serves again/,
  )
  assert.match(text, /\*\*web &lt;b&gt;never&lt;\/b&gt; became healthy\*\*/)
  assert.match(text, /Look at <code>start&#95;period<\/code> \\\| the log/)
  assert.match(text, /````text\n```\nboom\n````/)
})
