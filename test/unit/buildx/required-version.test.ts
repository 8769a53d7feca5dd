import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requireVersion } from '../../../src/buildx/builder.ts'
import { Failure } from '../../../src/core/errors.ts'
import { readDocker } from '../../../src/docker/docker.ts'
import { type Given, planned } from './planned.ts'

const cases: readonly {
  name: string
  version: string
  given?: Given
  annotates?: boolean
  isEngine?: boolean
  /** The versions that the reported problems require. */
  required: readonly string[]
}[] = [
  { name: 'all features', version: '0.12.0', required: [] },
  { name: 'annotations', version: '0.11.2', required: ['0.12'] },
  { name: 'annotations and attestations', version: '0.9.1', required: ['0.10', '0.12'] },
  { name: 'no attestations', version: '0.9.1', given: { provenance: '', load: 'true' }, required: ['0.12'] },
  { name: 'call', version: '0.14.0', given: { call: 'check' }, required: ['0.15'] },
  { name: 'call, with a buildx that supports it', version: '0.15.0', given: { call: 'check' }, required: [] },
  { name: 'a builder that writes no annotations', version: '0.11.2', annotates: false, required: [] },
  {
    name: 'a push with `load`',
    version: '0.12.1',
    given: { push: 'true', load: 'true' },
    required: ['0.13'],
  },
  {
    name: 'a push with `load`, by the engine, which stores it anyway',
    version: '0.12.1',
    given: { push: 'true', load: 'true' },
    isEngine: true,
    required: [],
  },
  { name: 'a build from source without a version number', version: '0.0.0+unknown', required: [] },
]

for (const { name, version, given = {}, annotates = true, isEngine = false, required } of cases) {
  test(`buildx ${version}: ${name}`, async () => {
    const docker = { ...readDocker({}), buildxVersion: version }
    const { plan } = await planned(given)
    try {
      requireVersion(docker, plan, { annotates, isEngine })
      assert.deepEqual(required, [])
    } catch (error) {
      assert.ok(error instanceof Failure)
      assert.equal(error.problems.length, required.length)
      for (const [index, { cause, remedy }] of error.problems.entries()) {
        assert.match(cause, new RegExp(`buildx ${version}.* need ${required[index]} `))
        assert.match(remedy ?? '', /buildx-version/)
      }
    }
  })
}
