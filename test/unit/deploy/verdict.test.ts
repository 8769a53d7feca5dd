import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { parseVerdict, type Verdict } from '../../../src/deploy/verdict.ts'

const cases: readonly { name: string; input: string; expected: Verdict | undefined }[] = [
  {
    name: 'of a release that serves',
    input: 'kind ok\nprevious web -\ndeployed web a/b@sha256:1\ntook pull 1200\ntook up 300\nend',
    expected: {
      kind: 'ok',
      deployed: { web: 'a/b@sha256:1' },
      previous: {},
      stages: [
        { stage: 'pull', milliseconds: 1200 },
        { stage: 'up', milliseconds: 300 },
      ],
      output: 'said',
    },
  },
  {
    name: 'of a rollback, with its reason',
    input:
      'kind rolled-back\nstage gate\nreason web restarted 3 times\nprevious web a@x\nwanted web a@y\ndeployed web a@x\nend',
    expected: {
      kind: 'rolled-back',
      stage: 'gate',
      reason: 'web restarted 3 times',
      deployed: { web: 'a@x' },
      previous: { web: 'a@x' },
      wanted: { web: 'a@y' },
      stages: [],
      output: 'said',
    },
  },
  {
    name: 'of a release that was left as it is',
    input: 'kind broken\nstage gate\nreason web exited\nleft yes\nend',
    expected: {
      kind: 'broken',
      stage: 'gate',
      reason: 'web exited',
      left: true,
      deployed: {},
      previous: {},
      stages: [],
      output: 'said',
    },
  },
  {
    name: 'with the codes of its reasons',
    input:
      'kind broken\nstage gate\nreason web exited; and x could not be put back\ncode exited\nsecond not-restored\nend',
    expected: {
      kind: 'broken',
      stage: 'gate',
      reason: 'web exited; and x could not be put back',
      code: 'exited',
      second: 'not-restored',
      deployed: {},
      previous: {},
      stages: [],
      output: 'said',
    },
  },
  {
    name: 'with a code of a later version',
    input: 'kind unchanged\nreason it is Friday\ncode friday\nend',
    expected: {
      kind: 'unchanged',
      reason: 'it is Friday',
      deployed: {},
      previous: {},
      stages: [],
      output: 'said',
    },
  },
  { name: 'without its end', input: 'kind ok\ndeployed web a@x', expected: undefined },
  { name: 'of no known kind', input: 'kind splendid\nend', expected: undefined },
  { name: 'of no kind', input: 'end', expected: undefined },
  { name: 'that is empty', input: '', expected: undefined },
]

suite('a verdict', () => {
  for (const { name, input, expected } of cases) {
    test(name, () => assert.deepEqual(parseVerdict(input.split('\n'), 'said'), expected))
  }
})
