import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { filesBehind } from '../../../src/compose/references.ts'

interface Case {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  readonly given?: readonly string[]
  readonly expected: readonly string[]
}

const table: readonly Case[] = [
  { name: 'nothing', files: { '/srv/app/compose.yaml': 'services: { web: { image: app } }' }, expected: [] },
  { name: 'no file', files: {}, expected: [] },
  { name: 'no YAML', files: { '/srv/app/compose.yaml': '\t- [' }, expected: [] },
  {
    name: 'env files in each of their forms',
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
    name: 'what is included, its own directory, and what is behind it',
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
    name: 'a project directory of what is included',
    files: {
      '/srv/app/compose.yaml': 'include: [{ path: sub/part.yaml, project_directory: other }]',
      '/srv/app/sub/part.yaml': 'services: { db: { env_file: db.env } }',
    },
    expected: ['/srv/app/sub/part.yaml', '/srv/app/other/.env', '/srv/app/other/db.env'],
  },
  {
    name: 'what is extended, and what that extends',
    files: {
      '/srv/app/compose.yaml':
        'services: { web: { extends: { file: sub/base.yaml, service: x } }, y: { extends: web } }',
      '/srv/app/sub/base.yaml':
        'services: { x: { env_file: x.env, extends: { file: more.yaml, service: y } } }',
    },
    expected: ['/srv/app/sub/base.yaml', '/srv/app/sub/x.env', '/srv/app/sub/more.yaml'],
  },
  {
    name: 'files that name each other',
    files: {
      '/srv/app/compose.yaml': 'include: [a.yaml]',
      '/srv/app/a.yaml': 'include: [b.yaml]',
      '/srv/app/b.yaml': 'include: [a.yaml]',
    },
    expected: ['/srv/app/a.yaml', '/srv/app/b.yaml'],
  },
  {
    name: 'several compose files: paths begin where the first is',
    files: {
      '/srv/app/compose.yaml': 'services: {}',
      '/srv/app/deploy/prod.yaml':
        'services: { web: { env_file: web.env, extends: { file: compose.yaml } } }',
    },
    given: ['/srv/app/compose.yaml', '/srv/app/deploy/prod.yaml'],
    expected: ['/srv/app/web.env'],
  },
  {
    name: 'a name with a variable in it',
    files: { '/srv/app/compose.yaml': 'services: { web: { env_file: "${STAGE}.env" } }' },
    expected: [],
  },
]

suite('what a project is made of behind its compose files', () => {
  for (const { name, files, given = ['/srv/app/compose.yaml'], expected } of table)
    test(name, async () => {
      const found = await filesBehind(given, file => files[file] ?? '')
      assert.deepEqual(found, expected)
    })

  test('no more than a hundred', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `${index}.env`).join(', ')
    const found = await filesBehind(['/a.yaml'], () => `services: { web: { env_file: [${names}] } }`)
    assert.equal(found.length, 100)
  })
})
