import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { Failure, type Problem } from '../../../src/core/errors.ts'
import type { Plan } from '../../../src/plan/plan.ts'
import { annotated, locate, type Sources } from '../../../src/report/annotate.ts'
import { lineOfKey } from '../../../src/report/yaml-line.ts'

const compose = `# A comment
services:
  db:
    image: postgres
  web:
    imag: ghcr.io/octo/app
    ports:
    - "80:80"
    - target: 90
    deploy:
      replicas: many

volumes:
  data:
`

const workspace = mkdtempSync(join(tmpdir(), 'slipway-annotate-'))
after(() => rmSync(workspace, { recursive: true }))
writeFileSync(join(workspace, 'compose.yaml'), compose)

const sources: Sources = {
  workspace,
  dockerfile: join(workspace, 'app/Dockerfile'),
  compose: [{ local: join(workspace, 'compose.yaml'), remote: 'compose.yaml' }],
}

const shown = `------
 > [2/2] RUN false:
------
Dockerfile:7
--------------------
   7 | >>> RUN false
--------------------
ERROR: failed to build: failed to solve: process "/bin/sh -c false" did not complete successfully: exit code: 1`

const rows: readonly { name: string; output: string; sources?: Partial<Sources>; expected: Problem['at'] }[] =
  [
    { name: 'a step of a Dockerfile', output: shown, expected: { file: 'app/Dockerfile', line: 7 } },
    {
      name: 'a Dockerfile with another name',
      output: shown.replace('Dockerfile:7', 'web.Dockerfile:12'),
      sources: { dockerfile: join(workspace, 'web.Dockerfile') },
      expected: { file: 'web.Dockerfile', line: 12 },
    },
    {
      name: 'a parse error in a Dockerfile',
      output:
        'ERROR: failed to build: failed to solve: dockerfile parse error on line 3: unknown instruction: FORM',
      expected: { file: 'app/Dockerfile', line: 3 },
    },
    {
      name: 'a Dockerfile outside the workspace',
      output: shown,
      sources: { dockerfile: '/elsewhere/Dockerfile' },
      expected: undefined,
    },
    {
      name: 'a Dockerfile that is not on this machine',
      output: shown,
      sources: { dockerfile: undefined },
      expected: undefined,
    },
    {
      name: 'invalid YAML',
      output: 'yaml: line 4: did not find expected node content',
      expected: { file: 'compose.yaml', line: 4 },
    },
    {
      name: 'a key that Compose does not know',
      output: "validating /srv/app/compose.yaml: services.web additional properties 'imag' not allowed",
      expected: { file: 'compose.yaml', line: 6 },
    },
    {
      name: 'the same in the words of an older Compose',
      output: '(root) services.web Additional property imag is not allowed',
      expected: { file: 'compose.yaml', line: 6 },
    },
    {
      name: 'an invalid value',
      output: 'services.web.deploy.replicas must be a integer',
      expected: { file: 'compose.yaml', line: 11 },
    },
    {
      name: 'compose files that are only on the server',
      output: 'yaml: line 4: did not find expected node content',
      sources: { compose: [] },
      expected: undefined,
    },
    {
      name: 'several compose files, none of which is named',
      output: 'yaml: line 4: did not find expected node content',
      sources: {
        compose: [...sources.compose, { local: join(workspace, 'other.yaml'), remote: 'other.yaml' }],
      },
      expected: undefined,
    },
    { name: 'output of another program', output: 'app.js:7', expected: undefined },
  ]

suite('locate', () => {
  for (const { name, output, sources: own = {}, expected } of rows) {
    test(name, () =>
      assert.deepEqual(locate({ cause: 'It failed.', output }, { ...sources, ...own }), expected),
    )
  }
})

suite('annotated adds the line to a failure', () => {
  const plan = {
    build: { source: { kind: 'directory', path: 'app' } },
    deploy: undefined,
  } as unknown as Plan
  const failure = new Failure('build', { cause: 'It failed.', output: shown })
  const expected = [{ ...failure.problems[0], at: { file: 'app/Dockerfile', line: 7 } }]

  test('that is thrown', () =>
    assert.rejects(
      annotated(plan, workspace, () => Promise.reject(failure)),
      (error: unknown) => {
        assert.deepEqual(error instanceof Failure && error.problems, expected)
        return true
      },
    ))

  test('that the run returns', async () => {
    const ending = await annotated(plan, workspace, async () => ({ end: 'broken', failure }))
    assert.deepEqual([ending.end, ending.failure?.problems], ['broken', expected])
  })
})

suite('lineOfKey', () => {
  const paths: readonly (readonly [path: string, line: number | undefined])[] = [
    ['services', 2],
    ['services.web', 5],
    ['services.db.image', 4],
    ['services.web.image', 5],
    ['services.web.ports', 7],
    ['services.web.ports.1', 9],
    ['services.web.ports.7', 7],
    ['volumes.data', 14],
    ['networks', undefined],
  ]
  for (const [path, line] of paths) test(path, () => assert.equal(lineOfKey(compose, path.split('.')), line))
})
