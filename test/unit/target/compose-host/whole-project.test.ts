import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { parseReference, type Reference } from '../../../../src/image/reference.ts'
import { changeLine, changesOf } from '../../../../src/target/compose-host/changes.ts'
import type { HistoryEntry, ServiceFacts } from '../../../../src/target/compose-host/facts.ts'
import type { Release } from '../../../../src/target/compose-host/release.ts'
import {
  orphansOf,
  selectServices,
  warnOfUnpushed,
  wholeProblems,
} from '../../../../src/target/compose-host/whole-project.ts'
import { container, server, service } from './preflight/facts.ts'

const reference = (text: string) => parseReference(text) as Reference
const release = (...pushed: readonly string[]): Release => ({
  references: pushed.map(reference),
  platforms: [],
  size: undefined,
})
const db = service('db', { reference: 'postgres:16' })
const names = (services: readonly ServiceFacts[]): string => services.map(({ name }) => name).join(' ')

suite('which services of a project are pinned', () => {
  const table: readonly {
    name: string
    all: readonly ServiceFacts[]
    named?: readonly string[]
    release: Release | undefined
    variables?: Readonly<Record<string, string>>
    history?: readonly string[]
    services: string
    others: string
    unpushed?: string
    problem?: RegExp
  }[] = [
    {
      name: 'those that declare a pushed image',
      all: [service('web'), db, service('worker')],
      release: release('ghcr.io/me/app:v1'),
      services: 'web worker',
      others: 'db',
    },
    {
      name: 'those whose tag a variable decides, but none whose whole image a variable decides',
      all: [
        service('web', { reference: 'ghcr.io/me/app:v0', template: 'ghcr.io/me/app:${TAG}' }),
        service('db', { reference: 'postgres:16', template: '${DB_IMAGE}' }),
      ],
      release: release('ghcr.io/me/app:v1'),
      variables: { TAG: 'v0', DB_IMAGE: 'postgres:16' },
      services: 'web',
      others: 'db',
    },
    {
      name: 'not those with another tag, which cause a warning',
      all: [service('web'), service('edge', { reference: 'ghcr.io/me/app:edge' })],
      release: release('ghcr.io/me/app:v1'),
      services: 'web',
      others: 'edge',
      unpushed: 'edge',
    },
    {
      name: 'named services, with their own images',
      all: [
        service('web', { reference: 'ghcr.io/me/web:latest' }),
        service('api', { reference: 'ghcr.io/me/api' }),
        db,
      ],
      named: ['web', 'api'],
      release: {
        ...release(),
        named: {
          web: {
            reference: reference(`ghcr.io/me/web@sha256:${'a'.repeat(64)}`),
            platforms: [],
            size: undefined,
          },
          api: {
            reference: reference(`ghcr.io/me/api:1@sha256:${'b'.repeat(64)}`),
            platforms: [],
            size: undefined,
          },
        },
      },
      services: 'web api',
      others: 'db',
    },
    {
      name: 'none: the deploy would change nothing',
      all: [db],
      release: release('ghcr.io/me/app:v1'),
      services: '',
      others: 'db',
      problem:
        /^No service of the project declares a pushed image \(`ghcr.io\/me\/app:v1`\): `db`: `postgres:16`/,
    },
    {
      name: 'in a rollback, only those in the history',
      all: [service('web'), db],
      release: undefined,
      history: ['web'],
      services: 'web',
      others: '',
    },
    {
      name: 'none in a rollback without a history',
      all: [service('web')],
      release: undefined,
      services: '',
      others: '',
      problem: /^The project's history on the server has no release/,
    },
    {
      name: 'a problem for a service with only a `build` that was never built',
      all: [service('web'), service('tool', { reference: '', builds: true, containers: [] })],
      release: release('ghcr.io/me/app:v1'),
      services: 'web',
      others: 'tool',
      problem: /^`tool` declares no `image`, only a `build`, and has no container on the server/,
    },
  ]
  for (const { name, all, named = [], release, variables = {}, history = [], ...expected } of table)
    test(name, () => {
      const { project } = server({
        project: {
          history: history.map(each => ({ service: each, verdict: 'ok' }) as HistoryEntry),
          variables: Object.entries(variables).map(([variable, value]) => ({
            name: variable,
            value,
            from: 'env-file',
            services: all.filter(({ template }) => template?.includes(variable)).map(each => each.name),
          })),
        },
      })
      const selection = selectServices(all, project, named, release)
      assert.equal(names(selection.services), expected.services)
      assert.equal(names(selection.others), expected.others)
      assert.equal(names(selection.unpushed), expected.unpushed ?? '')
      assert.equal(warnOfUnpushed(selection).length, selection.unpushed.length)
      const problems = wholeProblems(selection, release).map(({ cause }) => cause)
      assert.equal(problems.length, expected.problem === undefined ? 0 : 1, problems.join('\n'))
      if (expected.problem) assert.match(problems[0] ?? '', expected.problem)
    })
})

suite('changes to other services', () => {
  const hash = 'a'.repeat(64)
  const ran = (parts = {}) => [container({ configHash: hash, composeVersion: '2.40.3', ...parts })]
  const table: readonly { name: string; service: ServiceFacts; uploads?: boolean; expected: string }[] = [
    {
      name: 'new',
      service: service('x', { containers: [] }),
      expected: 'create x: it has no container',
    },
    {
      name: 'changed',
      service: service('x', { configHash: 'b'.repeat(64), containers: ran() }),
      expected: 'recreate x: its configuration has changed',
    },
    {
      name: 'stopped',
      service: service('x', { configHash: hash, containers: ran({ state: 'exited' }) }),
      expected: 'start x: it is not running',
    },
    {
      name: 'scaled',
      service: service('x', { configHash: hash, containers: ran(), replicas: 2 }),
      expected: 'create x: it has 1 of 2 containers',
    },
    {
      name: 'unchanged',
      service: service('x', { configHash: hash, containers: ran(), replicas: 1 }),
      expected: 'keep x: nothing has changed',
    },
    {
      name: 'created by another Compose version, whose hash differs',
      service: service('x', { configHash: hash, containers: ran({ composeVersion: '2.26.1' }) }),
      expected: 'recreate or keep x: another version of Compose created its container',
    },
    {
      name: 'with an env_file',
      service: service('x', { configHash: undefined, containers: ran() }),
      expected: 'recreate or keep x: Compose gives no hash of it in advance (`env_file`, or Compose v1)',
    },
    {
      name: 'with uploaded files',
      service: service('x', { configHash: undefined, containers: ran() }),
      uploads: true,
      expected: 'recreate or keep x: Compose compares it once the uploaded files are in place',
    },
  ]
  for (const { name, service: other, uploads = false, expected } of table)
    test(name, () => {
      const whole = { others: [other], orphans: [], removeOrphans: false, uploads }
      assert.deepEqual(changesOf(whole, '2.40.3').map(changeLine), [expected])
    })

  test('orphans', () => {
    const config = { name: 'app', services: { web: {} as never }, external: { networks: {}, volumes: {} } }
    const containers = ['web', 'old', 'old'].map(each => ({ service: each }))
    const orphans = orphansOf({ config }, containers)
    assert.deepEqual(orphans, ['old'])
    const lines = (removeOrphans: boolean) =>
      changesOf({ others: [], orphans, removeOrphans }, '').map(changeLine)
    assert.match(lines(true)[0] ?? '', /^remove old: it is no longer in the compose files$/)
    assert.match(lines(false)[0] ?? '', /^keep old: .*`remove-orphans: true` removes it$/)
  })
})
