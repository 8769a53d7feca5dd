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
  lacks: readonly string[]
}[] = [
  { name: 'all of it', version: '0.12.0', lacks: [] },
  { name: 'annotations', version: '0.11.2', lacks: ['0.12'] },
  { name: 'attestations too', version: '0.9.1', lacks: ['0.10', '0.12'] },
  { name: 'nothing is attested', version: '0.9.1', given: { provenance: '', load: 'true' }, lacks: ['0.12'] },
  { name: 'call', version: '0.14.0', given: { call: 'check' }, lacks: ['0.15'] },
  { name: 'call, and a buildx that has it', version: '0.15.0', given: { call: 'check' }, lacks: [] },
  { name: 'a builder that writes no annotations', version: '0.11.2', annotates: false, lacks: [] },
  {
    name: 'a push that is loaded too',
    version: '0.12.1',
    given: { push: 'true', load: 'true' },
    lacks: ['0.13'],
  },
  {
    name: 'a push from the engine, where it is loaded',
    version: '0.12.1',
    given: { push: 'true', load: 'true' },
    isEngine: true,
    lacks: [],
  },
  { name: "a build of somebody's own", version: '0.0.0+unknown', lacks: [] },
]

for (const { name, version, given = {}, annotates = true, isEngine = false, lacks } of cases) {
  test(`buildx ${version}: ${name}`, async () => {
    const docker = { ...readDocker({}), buildxVersion: version }
    const { plan } = await planned(given)
    try {
      requireVersion(docker, plan, { annotates, isEngine })
      assert.deepEqual(lacks, [])
    } catch (error) {
      assert.ok(error instanceof Failure)
      assert.equal(error.problems.length, lacks.length)
      for (const [place, { cause, remedy }] of error.problems.entries()) {
        assert.match(cause, new RegExp(`buildx ${version}.* need ${lacks[place]} `))
        assert.match(remedy ?? '', /buildx-version/)
      }
    }
  })
}
