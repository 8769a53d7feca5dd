import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Failure } from '../../../src/core/errors.ts'
import { contradiction, parseVerdict, type Verdict } from '../../../src/deploy/verdict.ts'
import type { ExactImage } from '../../../src/image/reference.ts'

const [x, y] = ['a', 'b'].map(digit => `a/b@sha256:${digit.repeat(64)}` as const) as [ExactImage, ExactImage]

const cases: readonly { name: string; input: string; expected: Verdict | undefined }[] = [
  {
    name: 'of a release that serves',
    input: `kind ok\nprevious web -\ndeployed web ${x}\ntook pull 1200\ntook up 300\nend`,
    expected: {
      kind: 'ok',
      deployed: { web: x },
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
    input: `kind rolled-back\nstage gate\nreason web restarted 3 times\nprevious web ${x}\nwanted web ${y}\ndeployed web ${x}\nend`,
    expected: {
      kind: 'rolled-back',
      stage: 'gate',
      reason: 'web restarted 3 times',
      deployed: { web: x },
      previous: { web: x },
      wanted: { web: y },
      stages: [],
      output: 'said',
    },
  },
  {
    name: 'of a Swarm, with the nodes of its tasks',
    input: `kind ok\nprevious web ${x}\ndeployed web ${y}\nplaced web sw1 2\nplaced web sw2.local 1\nend`,
    expected: {
      kind: 'ok',
      deployed: { web: y },
      previous: { web: x },
      places: [
        { service: 'web', node: 'sw1', tasks: 2 },
        { service: 'web', node: 'sw2.local', tasks: 1 },
      ],
      stages: [],
      output: 'said',
    },
  },
  {
    name: 'of a service that had to be recreated',
    input: `kind ok\nprevious web -\ndeployed web ${x}\nrecreated web it is not running yet\nend`,
    expected: {
      kind: 'ok',
      deployed: { web: x },
      previous: {},
      recreated: [{ service: 'web', why: 'it is not running yet' }],
      stages: [],
      output: 'said',
    },
  },
  {
    name: 'of a failed release that was left in place',
    input: 'kind broken\nstage gate\nreason web exited\nleft yes\nend',
    expected: {
      kind: 'broken',
      stage: 'gate',
      reason: 'web exited',
      leftInPlace: true,
      deployed: {},
      previous: {},
      stages: [],
      output: 'said',
    },
  },
  {
    name: 'with reason codes',
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
    name: 'with control characters, as docker may print them',
    input: 'kind broken\nstage -\nreason a\x1b[2J\tb\nmade c\rd\nend',
    expected: {
      kind: 'broken',
      reason: 'a [2J b',
      created: ['c d'],
      deployed: {},
      previous: {},
      stages: [],
      output: 'said',
    },
  },
  {
    name: 'with a reason code of a later version',
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
  { name: 'without `end`', input: `kind ok\ndeployed web ${x}`, expected: undefined },
  { name: 'that is empty', input: '', expected: undefined },
]

suite('a verdict', () => {
  for (const { name, input, expected } of cases) {
    test(name, () => assert.deepEqual(parseVerdict(input.split('\n'), 'said'), expected))
  }
})

/** Verdicts that the script never writes, from a server that is not the expected one. */
const hostile: readonly { name: string; input: string; expected: RegExp }[] = [
  { name: 'an unknown kind', input: 'kind splendid', expected: /`kind` as `splendid`/ },
  { name: 'no kind', input: '', expected: /`kind` as ``/ },
  { name: 'two kinds', input: 'kind ok\nkind broken', expected: /`kind` as `ok and broken`/ },
  ...[
    '$(reboot)',
    'a@x',
    'a/b:latest',
    `${x} $(id)`,
    `${x}\r::set-output name=a::b`,
    `${x}a`,
    x.toUpperCase(),
    `a b@sha256:${'a'.repeat(64)}`,
    `sha512:${'a'.repeat(128)}`,
    '',
  ].flatMap(image =>
    ['deployed', 'previous', 'wanted'].map(field => ({
      name: `${JSON.stringify(image)} as ${field}`,
      input: `kind ok\n${field} web ${image}`,
      expected: new RegExp(`\`${field}\` of \`web\` as`),
    })),
  ),
  {
    name: 'an invalid service name',
    input: `kind ok\ndeployed $(id) ${x}`,
    expected: /`deployed` as `\$\(id\)`/,
  },
  {
    name: 'an invalid stage name',
    input: 'kind broken\nstage ::error::',
    expected: /`stage` as `::error::`/,
  },
  { name: 'not a number', input: 'kind ok\ntook up NaN', expected: /`took` as `NaN`/ },
  { name: 'an infinite number', input: 'kind ok\ntook up 1e999', expected: /`took` as `1e999`/ },
]

suite('a verdict that no transaction writes is rejected:', () => {
  for (const { name, input, expected } of hostile) {
    test(name, () => {
      assert.throws(
        () => parseVerdict([...input.split('\n'), 'end']),
        (error: unknown) => {
          assert.ok(error instanceof Failure)
          assert.match(error.problems[0]?.cause ?? '', expected)
          assert.doesNotMatch(error.problems[0]?.cause ?? '', /\p{Cc}/u)
          return true
        },
      )
    })
  }
})

suite('a success compared with the order:', () => {
  const verdict = (kind: string, ...deployed: readonly string[]) => {
    const lines = deployed.map(each => `deployed ${each}`)
    const parsed = parseVerdict([`kind ${kind}`, ...lines, 'end'])
    assert.ok(parsed)
    return parsed
  }
  const rows: readonly {
    name: string
    verdict: Verdict
    image: string | undefined
    expected: RegExp | undefined
  }[] = [
    { name: 'the same image', verdict: verdict('ok', `web ${x}`), image: x, expected: undefined },
    {
      name: 'another image',
      verdict: verdict('ok', `web ${y}`),
      image: x,
      expected: /`web` runs `a\/b@sha256:b+`/,
    },
    { name: 'no image', verdict: verdict('ok', 'web -'), image: x, expected: /`web` runs nothing/ },
    { name: 'another service', verdict: verdict('ok', `api ${x}`), image: x, expected: /`web` runs nothing/ },
    {
      name: 'a release of the history',
      verdict: verdict('ok', `web ${y}`),
      image: undefined,
      expected: undefined,
    },
    { name: 'a failure', verdict: verdict('rolled-back', `web ${y}`), image: x, expected: undefined },
  ]
  for (const { name, verdict: given, image, expected } of rows) {
    test(name, () => {
      const problem = contradiction(given, [{ name: 'web', image }])
      if (expected === undefined) assert.equal(problem, undefined)
      else assert.match(problem?.cause ?? '', expected)
    })
  }
})
