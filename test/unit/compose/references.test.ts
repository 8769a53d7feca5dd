import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { referencedFiles } from '../../../src/compose/references.ts'

interface Case {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  readonly given?: readonly string[]
  readonly expected: readonly string[]
}

const table: readonly Case[] = [
  {
    name: 'no references',
    files: { '/srv/app/compose.yaml': 'services: { web: { image: app } }' },
    expected: [],
  },
  { name: 'no file', files: {}, expected: [] },
  { name: 'invalid YAML', files: { '/srv/app/compose.yaml': '\t- [' }, expected: [] },
  {
    name: 'every form of `env_file`',
    files: {
      '/srv/app/compose.yaml': `services:
  one: { env_file: one.env }
  two: { env_file: [two.env, ./conf/three.env] }
  four: { env_file: [{ path: four.env, required: false }, { path: /etc/five.env }] }`,
    },
    expected: [
      '/srv/app/one.env',
      '/srv/app/two.env',
      '/srv/app/conf/three.env',
      '/srv/app/four.env',
      '/etc/five.env',
    ],
  },
  {
    name: 'included files, the `.env` of their directories, and their own references',
    files: {
      '/srv/app/compose.yaml': 'include: [sub/part.yaml, { path: [a.yaml, ../b.yaml], env_file: a.env }]',
      '/srv/app/sub/part.yaml': 'services: { db: { env_file: db.env } }',
      '/srv/app/a.yaml': 'include: [sub/part.yaml]',
    },
    expected: [
      '/srv/app/a.env',
      '/srv/app/sub/part.yaml',
      '/srv/app/sub/.env',
      '/srv/app/sub/db.env',
      '/srv/app/a.yaml',
      '/srv/b.yaml',
      '/srv/.env',
    ],
  },
  {
    name: 'an include with `project_directory`',
    files: {
      '/srv/app/compose.yaml': 'include: [{ path: sub/part.yaml, project_directory: other }]',
      '/srv/app/sub/part.yaml': 'services: { db: { env_file: db.env } }',
    },
    expected: ['/srv/app/sub/part.yaml', '/srv/app/other/.env', '/srv/app/other/db.env'],
  },
  {
    name: 'extended files, and the files that they extend',
    files: {
      '/srv/app/compose.yaml':
        'services: { web: { extends: { file: sub/base.yaml, service: x } }, y: { extends: web } }',
      '/srv/app/sub/base.yaml':
        'services: { x: { env_file: x.env, extends: { file: more.yaml, service: y } } }',
    },
    expected: ['/srv/app/sub/base.yaml', '/srv/app/sub/x.env', '/srv/app/sub/more.yaml'],
  },
  {
    name: 'files that include each other',
    files: {
      '/srv/app/compose.yaml': 'include: [a.yaml]',
      '/srv/app/a.yaml': 'include: [b.yaml]',
      '/srv/app/b.yaml': 'include: [a.yaml]',
    },
    expected: ['/srv/app/a.yaml', '/srv/app/b.yaml'],
  },
  {
    name: 'several compose files: paths are relative to the first one',
    files: {
      '/srv/app/compose.yaml': 'services: {}',
      '/srv/app/deploy/prod.yaml':
        'services: { web: { env_file: web.env, extends: { file: compose.yaml } } }',
    },
    given: ['/srv/app/compose.yaml', '/srv/app/deploy/prod.yaml'],
    expected: ['/srv/app/web.env'],
  },
  {
    name: 'a name that contains a variable',
    files: { '/srv/app/compose.yaml': 'services: { web: { env_file: "${STAGE}.env" } }' },
    expected: [],
  },
]

suite('referencedFiles', () => {
  for (const { name, files, given = ['/srv/app/compose.yaml'], expected } of table)
    test(name, async () => {
      const found = await referencedFiles(given, file => files[file] ?? '')
      assert.deepEqual(found, expected)
    })

  test('returns at most 100 files', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `${index}.env`).join(', ')
    const found = await referencedFiles(['/a.yaml'], () => `services: { web: { env_file: [${names}] } }`)
    assert.equal(found.length, 100)
  })
})
