import assert from 'node:assert/strict'
import { test } from 'node:test'
import { annotationLines, substituteMeta } from '../../../src/image/labels.ts'
import { metadataOutputs, metadataVariables } from '../../../src/image/meta.ts'
import { event, events, planned, sha } from './events.ts'

const prefix = 'org.opencontainers.image.'

const automatic = [
  `${prefix}created=2019-12-31T23:59:58.000Z`,
  `${prefix}description=My first repository`,
  `${prefix}licenses=MIT`,
  `${prefix}revision=${sha}`,
  `${prefix}source=https://github.com/octocat/Hello-World`,
  `${prefix}title=Hello-World`,
  `${prefix}url=https://github.com/octocat/Hello-World`,
  `${prefix}version=main`,
]

test('labels: the eight automatic labels, from the event', async () => {
  const { labels, annotations } = await planned({})
  assert.deepEqual(labels, automatic)
  assert.deepEqual(annotations, { plain: automatic, levelled: [], levels: [] })
})

test('labels: without a repository in the event, description and license are omitted', async () => {
  const { labels } = await planned({}, events.schedule)
  assert.deepEqual(labels, [
    `${prefix}created=2020-01-10T00:30:05.123Z`,
    `${prefix}revision=${sha}`,
    `${prefix}source=https://github.com/octocat/Hello-World`,
    `${prefix}title=Hello-World`,
    `${prefix}url=https://github.com/octocat/Hello-World`,
    `${prefix}version=nightly`,
  ])
})

test('labels: a repository without description and license gets empty labels', async () => {
  const repository = { name: 'x', html_url: 'https://github.com/o/x', description: null, license: null }
  const { labels } = await planned({}, event('push', 'refs/heads/main', { repository }))
  assert.ok(labels.includes(`${prefix}description=`))
  assert.ok(labels.includes(`${prefix}licenses=`))
})

const created: readonly { name: string; epoch: string; expected: string }[] = [
  { name: 'the commit', epoch: '', expected: '2019-12-31T23:59:58.000Z' },
  { name: 'SOURCE_DATE_EPOCH', epoch: '1577836800', expected: '2020-01-01T00:00:00.000Z' },
  { name: 'a SOURCE_DATE_EPOCH of 0', epoch: '0', expected: '1970-01-01T00:00:00.000Z' },
  {
    name: 'the commit, with an invalid SOURCE_DATE_EPOCH',
    epoch: 'context',
    expected: '2019-12-31T23:59:58.000Z',
  },
]

for (const { name, epoch, expected } of created) {
  test(`labels: created is the date of ${name}`, async () => {
    const { labels } = await planned({}, events.branch, { env: { SOURCE_DATE_EPOCH: epoch } })
    assert.ok(labels.includes(`${prefix}created=${expected}`), labels.join('\n'))
  })
}

test('labels: the input overrides the automatic labels, and may use templates', async () => {
  const { labels, findings } = await planned({
    tags: 'x',
    labels: [
      '# a comment',
      'maintainer=me, myself',
      `${prefix}title=Mine=Yours`,
      `${prefix}created={{commit_date 'YYYY-MM-DD'}}`,
      'about={{meta.version}} of {{ meta.tags }} on {{branch}}',
      'empty',
    ].join('\n'),
  })
  assert.deepEqual(findings.problems, [])
  const others = automatic.filter(label => !/title|created|version/.test(label))
  assert.deepEqual(
    new Set(labels),
    new Set([
      ...others,
      `${prefix}created=2019-12-31`,
      `${prefix}title=Mine=Yours`,
      `${prefix}version=x`,
      'about=x of ghcr.io/octocat/hello-world:x on main',
      'empty=',
      'maintainer=me, myself',
    ]),
  )
})

const given = {
  annotations: 'a=1\nindex:b=2\nmanifest[linux/amd64],index:c=3\nmanifest-descriptor:d=4\nmanifestly:e=5',
}
const explicit = ['index:b=2', 'manifest[linux/amd64],index:c=3', 'manifest-descriptor:d=4']

const levels: readonly { name: string; levels?: string; index: boolean; expected: readonly string[] }[] = [
  { name: 'one platform', index: false, expected: ['manifest'] },
  { name: 'an index', index: true, expected: ['manifest', 'index'] },
  {
    name: 'levels from DOCKER_METADATA_ANNOTATIONS_LEVELS',
    levels: 'index, manifest-descriptor',
    index: false,
    expected: ['index', 'manifest-descriptor'],
  },
]

for (const { name, levels: variable, index, expected } of levels) {
  test(`annotations: ${name}`, async () => {
    const env = variable === undefined ? {} : { DOCKER_METADATA_ANNOTATIONS_LEVELS: variable }
    const { annotations } = await planned(given, events['default branch'], { env })
    const plain = ['a=1', 'manifestly:e=5', ...automatic]
    assert.deepEqual(
      new Set(annotationLines(annotations, index)),
      new Set([...expected.flatMap(level => plain.map(line => `${level}:${line}`)), ...explicit]),
    )
  })
}

test('outputs: the same as of docker/metadata-action, also as variables', async () => {
  const plan = await planned({ image: 'user/app', tags: 'x\ny', annotations: 'a=1' })
  const outputs = metadataOutputs(plan, false)
  const labels = automatic.map(label => label.replace('version=main', 'version=x'))
  const annotations = ['a=1', ...labels].map(label => `manifest:${label}`)
  const { json, ...rest } = outputs
  assert.deepEqual(rest, {
    version: 'x',
    tags: 'user/app:x\nuser/app:y',
    'tag-names': 'x\ny',
    labels: labels.join('\n'),
    annotations: annotations.join('\n'),
  })
  assert.deepEqual(JSON.parse(json), {
    tags: ['user/app:x', 'user/app:y'],
    'tag-names': ['x', 'y'],
    labels: Object.fromEntries(labels.map(label => label.split('='))),
    annotations,
  })
  assert.deepEqual(metadataVariables(outputs, {}), {
    DOCKER_METADATA_OUTPUT_VERSION: outputs.version,
    DOCKER_METADATA_OUTPUT_TAGS: outputs.tags,
    DOCKER_METADATA_OUTPUT_TAG_NAMES: outputs['tag-names'],
    DOCKER_METADATA_OUTPUT_LABELS: outputs.labels,
    DOCKER_METADATA_OUTPUT_ANNOTATIONS: outputs.annotations,
    DOCKER_METADATA_OUTPUT_JSON: outputs.json,
  })
  assert.deepEqual(metadataVariables(outputs, { DOCKER_METADATA_SET_OUTPUT_ENV: 'false' }), {})
  // With a variable that is too long, Linux could not start any program.
  const long = { ...outputs, labels: 'x'.repeat(130_500), json: 'é'.repeat(70_000) }
  assert.deepEqual(
    Object.keys(metadataVariables(long, {})).map(name => name.slice('DOCKER_METADATA_OUTPUT_'.length)),
    ['VERSION', 'TAGS', 'TAG_NAMES', 'ANNOTATIONS'],
  )
})

test('substituteMeta: replaces every occurrence, and nothing else', () => {
  const plan = { version: '$&1.2', tags: ['a/b:1', 'a/b:2'] }
  assert.equal(
    substituteMeta('V={{meta.version}} {{ meta.version }} {{meta.tags}} {{meta.other}} {{version}}', plan),
    'V=$&1.2 $&1.2 a/b:1,a/b:2 {{meta.other}} {{version}}',
  )
})

for (const [label, expected] of [
  ['a={{ x }}', 'a={{ x }}'],
  ['a={{ user.name }} on {{branch}}', 'a={{ user.name }} on main'],
  ['a={{#each}}x{{/each}}', 'a={{#each}}x{{/each}}'],
  ['a={{x "y"}} {{', 'a={{x "y"}} {{'],
  ['a=${{ y }}', 'a=${{ y }}'],
] as const) {
  test(`unknown braces are kept in labels and annotations: ${label}`, async () => {
    for (const input of ['labels', 'annotations'] as const) {
      const plan = await planned({ [input]: label })
      assert.deepEqual(plan.findings, { problems: [], warnings: [] })
      const lines = input === 'labels' ? plan.labels : plan.annotations.plain
      assert.ok(lines.includes(expected), lines.join('\n'))
    }
  })
}
