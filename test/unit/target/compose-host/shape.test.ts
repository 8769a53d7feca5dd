/** Invalid answers of a hostile server to preflight: each causes a Failure that names it, and nothing of it is used. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Failure } from '../../../../src/core/errors.ts'
import { answerOf } from '../../../../src/target/compose-host/answer.ts'
import { parseContainers } from '../../../../src/target/compose-host/containers.ts'
import { readHistory } from '../../../../src/target/compose-host/history.ts'
import { parseTools } from '../../../../src/target/compose-host/tools.ts'

const digest = `sha256:${'a'.repeat(64)}`
const container = {
  id: 'c'.repeat(64),
  name: '/app-web-1',
  state: 'running',
  health: null,
  started: '2026-01-31T12:00:00Z',
  exit: 0,
  restarts: 0,
  reference: 'app:latest',
  image: digest,
  healthcheck: { Test: ['CMD-SHELL', 'a\nb'] },
  labels: { service: 'web', 'config-hash': 'h', image: digest },
}
const image = { id: digest, digests: [`app@${digest}`, '$(id)'], labels: {} }
const other = {
  name: '/db',
  running: true,
  reference: 'db',
  ports: { '1/tcp': [{ HostIp: '', HostPort: '1' }] },
}
const engine = {
  version: '28.5.2+dfsg4',
  os: 'linux',
  architecture: 'x86_64',
  root: '/var/lib/docker',
  driver: [],
}

const read = (what: string, text: string) =>
  what === 'engine'
    ? parseTools(
        answerOf([
          { name: 'docker', lines: ['docker'] },
          { name: 'engine', lines: [text] },
        ]),
      )
    : parseContainers(answerOf([{ name: what, lines: [text] }]))

const good: Readonly<Record<string, object>> = { containers: container, images: image, others: other, engine }

const hostile: readonly unknown[] = [
  '$(id)\n',
  '::error::x\r',
  7.5,
  [],
  {},
  true,
  null,
  undefined,
  ['\x1b[2J'],
  { a: '\n' },
]

/** Fields that may have any value of a type, or none. */
const tolerated: Readonly<Record<string, readonly unknown[]>> = {
  'containers.health': [null, undefined],
  'containers.healthcheck': [null, undefined, {}, { a: '\n' }],
  'containers.labels': [{}],
  'images.digests': [null, undefined, []],
  'images.labels': [null, undefined, {}],
  'others.running': [true],
  'others.ports': [null, undefined, {}],
  'engine.driver': [null, undefined, []],
}

suite('an answer that docker never gives', () => {
  for (const [what, object] of Object.entries(good)) {
    test(`${what}: a valid one is accepted`, () => void read(what, JSON.stringify(object)))
    for (const field of Object.keys(object)) {
      const accepted = tolerated[`${what}.${field}`] ?? []
      const values = hostile.filter(
        value => !accepted.some(each => JSON.stringify(each) === JSON.stringify(value)),
      )
      test(`${what}.${field}: any of ${values.length} values is rejected`, () => {
        for (const value of values) {
          assert.throws(
            () => read(what, JSON.stringify({ ...object, [field]: value })),
            (error: unknown) => {
              assert.ok(error instanceof Failure, `${JSON.stringify(value)}: ${error}`)
              assert.ok(error.problems[0]?.cause.includes(`\`${what}.${field}\``), error.problems[0]?.cause)
              assert.doesNotMatch(error.problems[0]?.cause ?? '', /\p{Cc}/u)
              assert.ok(error.problems[0]?.remedy)
              return true
            },
          )
        }
      })
    }
    test(`${what}: invalid JSON is rejected`, () => {
      for (const text of ['{', 'null', '[]', '"x"', 'oops'])
        assert.throws(() => read(what, text), /server gave an invalid answer/)
    })
  }

  test('names of an image that are not digests are ignored', () => {
    const { containers } = parseContainers(
      answerOf([
        { name: 'containers', lines: [JSON.stringify(container)] },
        { name: 'images', lines: [JSON.stringify(image)] },
      ]),
    )
    assert.deepEqual(containers[0]?.repoDigests, [`app@${digest}`])
  })
})

suite('a history with invalid values', () => {
  const columns = ['when', 'verdict', 'service', 'image', 'tags', 'commit', 'url']
  const line = [
    '2026-01-31T12:00:00Z',
    'ok',
    'web',
    `app@${digest}`,
    'v1 $(id)',
    'abc',
    'https://example.com/1',
  ]
  const history = (column: string, value: string) =>
    readHistory(
      [columns, line.map((cell, index) => (columns[index] === column ? value : cell))].map(cells =>
        cells.join('\t'),
      ),
    )

  test('is read without tags that are invalid', () =>
    assert.deepEqual(
      history('', '').map(({ tags }) => tags),
      [['v1']],
    ))
  for (const [column, value] of [
    ['when', 'today'],
    ['verdict', '::error::'],
    ['service', '$(id)'],
    ['image', 'app:latest'],
    ['image', digest],
    ['image', `a b@${digest}`],
    ['url', 'javascript:alert(1)'],
    ['url', 'https://x/ y'],
  ] as const)
    test(`${column} is ${value}: ignored`, () => assert.deepEqual(history(column, value), []))
})
