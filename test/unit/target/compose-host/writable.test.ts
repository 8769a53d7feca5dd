/** Directories that the login may not write to, reported before the build. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { PayloadPlan } from '../../../../src/payload/plan.ts'
import type { HistoryEntry, Project, ServerFacts } from '../../../../src/target/compose-host/facts.ts'
import { lockedFiles } from '../../../../src/target/compose-host/writable.ts'
import type { DeployPlan } from '../../../../src/target/plan.ts'
import { container, digest, server, service } from './preflight/facts.ts'

const conf = (path: string) => ({ directory: 'conf', path: `conf/${path}` })

const entry = (letter: string, id: string): HistoryEntry => ({
  when: '2026-01-31T12:00:00Z',
  verdict: 'ok',
  service: 'web',
  image: `ghcr.io/me/app@${digest(letter)}`,
  tags: [],
  commit: 'abc',
  number: 7,
  url: '',
  id,
})
const runs = service('web', { containers: [container({ repoDigests: [entry('b', '').image] })] })

interface Case {
  readonly name: string
  readonly project: Partial<Project>
  readonly files?: readonly string[]
  readonly deletes?: boolean
  readonly rollbackTo?: string
  readonly services?: ServerFacts['services']
  readonly expected: readonly (readonly [input: string, text: RegExp])[]
}

const history = [entry('a', 'r1'), entry('b', 'r2')]
const kept = { r1: [conf('a')], r2: [conf('b')] }

const table: readonly Case[] = [
  { name: 'no locked file', project: {}, files: ['conf/a'], expected: [] },
  {
    name: 'two files in one directory are one problem',
    project: { lockedUploads: [conf('a'), conf('b')] },
    files: ['conf/a', 'conf/b'],
    expected: [
      [
        'files',
        /^`files` uploads `conf\/a`, but `deploy` may not write to `\/srv\/app\/conf` on the server\. Run `sudo chown deploy \/srv\/app\/conf`/,
      ],
    ],
  },
  {
    name: 'a directory name that a shell would split is quoted in the command',
    project: { lockedUploads: [{ directory: 'a; b', path: 'a; b/c' }] },
    files: ['a; b/c'],
    expected: [['files', /Run `sudo chown deploy '\/srv\/app\/a; b'` there/]],
  },
  {
    name: 'the env file that `env` changes',
    project: { lockedUploads: [conf('app.env')] },
    expected: [['env', /`env` changes `conf\/app\.env`/]],
  },
  {
    name: 'the project directory itself',
    project: { lockedUploads: [{ directory: '.', path: 'compose.yaml' }] },
    files: ['compose.yaml'],
    expected: [['files', /may not write to `\/srv\/app` on/]],
  },
  {
    name: 'a file that this deploy deletes',
    project: { lockedCopies: [conf('a'), conf('b')] },
    files: ['conf/a'],
    deletes: true,
    expected: [['files-delete', /`files-delete` deletes `conf\/b`/]],
  },
  { name: 'a file that this deploy does not delete', project: { lockedCopies: [conf('a')] }, expected: [] },
  {
    name: 'a file of the release that a rollback restores',
    project: { lockedKept: kept, history },
    rollbackTo: 'previous',
    services: [runs],
    expected: [['rollback-to', /`rollback-to` restores `conf\/a`/]],
  },
  {
    name: 'a file of another release',
    project: { lockedKept: { r2: kept.r2 }, history },
    rollbackTo: 'previous',
    services: [runs],
    expected: [],
  },
  { name: 'no rollback', project: { lockedKept: kept, history }, expected: [] },
]

suite('files that the login may not write', () => {
  for (const { name, project, files = [], deletes = false, rollbackTo, services, expected } of table)
    test(name, () => {
      const payload = {
        files: files.map(remote => ({ remote })),
        filesDelete: deletes,
        envFile: '.env',
      } as unknown as PayloadPlan
      const plan = { payload, rollbackTo } as unknown as DeployPlan
      const problems = lockedFiles(server({ project, ...(services ? { services } : {}) }), plan)
      assert.deepEqual(
        problems.map(({ input }) => input),
        expected.map(([input]) => input),
      )
      for (const [index, [, text]] of expected.entries())
        assert.match(`${problems[index]?.cause} ${problems[index]?.remedy}`, text)
    })
})
