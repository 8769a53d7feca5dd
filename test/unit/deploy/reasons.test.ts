import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { isReasonCode, reasons, remedyFor } from '../../../src/deploy/reasons.ts'
import { stages, swarmRemedies } from '../../../src/deploy/stages.ts'
import { bodies, reached, steps } from '../target/swarm/reached.ts'

const source = join(import.meta.dirname, '../../../src')
const script = globSync(['deploy/agent/*.sh', 'target/swarm/agent/*.sh'], { cwd: source })
  .map(name => readFileSync(join(source, name), 'utf8').replaceAll(/^\s*#.*$/gm, ''))
  .join('\n')

const sorted = (names: Iterable<string>) => [...new Set(names)].sort()
const firstOf = (pattern: RegExp) => [...script.matchAll(pattern)].map(([, name = '']) => name)

suite('the script on the server and the tables of reasons and stages', () => {
  test('have the same reason codes', () => {
    const given = firstOf(/\b(?:fail|fails|waits|warms) ([a-z-]+) ['"$]/g)
    const set = firstOf(/\b(?:reason|failed|why|second)_code=([a-z-]+)/g)
    const written = firstOf(/\bcode ([a-z-]+)\$\{newline\}/g)
    assert.deepEqual(sorted([...given, ...set, ...written]), sorted(Object.keys(reasons)))
  })

  test('have the same stages', () => {
    const begun = firstOf(/\bstep ([a-z-]+) /g)
    // Stages that a primitive gets as its first argument: see steps.test.ts.
    const given = ['before', 'after', 'rehearse-after', 'front', 'divert-check']
    const set = firstOf(/\b(?:failed_)?stage=([a-z-]+)/g)
    assert.deepEqual(sorted([...begun, ...given, ...set]), sorted(Object.keys(stages)))
  })

  // Reasons that concern the whole project, its directory, the engine or the run.
  const wide = new Set([
    'cancelled',
    'compose-failed',
    'compose-timeout',
    'config-invalid',
    'disk-full',
    'engine-unreachable',
    'lock-timeout',
    'not-applied',
    'not-writable',
    'runner-lost',
    'unsettled',
  ])
  // Reasons about something that a deploy has only once, named by its input or its file.
  const only = new Set(['`proxy-reload` failed', 'the firewall rules could not be set'])
  const measures = /\$\{?(?:\w*_?timeout|limit|code|try|tries|pulling)\b\}?/g

  test('name the service, image, container or path in each reason', () => {
    const calls = [...script.matchAll(/\bfail ([a-z-]+) (?:"((?:[^"\\]|\\.|"\$run)*)"|'([^']*)')/g)]
    assert.ok(calls.length > 70)
    const nameless = calls
      .map(([, code = '', text, plain]) => ({ code, text: text ?? plain ?? '' }))
      .filter(({ code, text }) => !wide.has(code) && !only.has(text) && !text.includes('`date`'))
      .filter(({ text }) => !text.replaceAll(measures, '').includes('$'))
    assert.deepEqual(nameless, [])
  })

  test('give no reason without a code', () => {
    const calls = [...script.matchAll(/\b(?:fail|fails|waits|warms) (?![=+])([^\n]*)/g)].map(([call]) => call)
    assert.ok(calls.length > 60)
    assert.deepEqual(
      calls.filter(call => !/^\w+ (?:[a-z-]+|"\$\{?(?:reason|why)_code[^"]*") ['"$]/.test(call)),
      [],
    )
  })

  test('have a remedy in complete sentences for each', () => {
    for (const remedy of [...Object.values(reasons), ...Object.values(stages).map(({ remedy }) => remedy)])
      assert.match(remedy, /^[A-Z`].*[.?)]$/)
  })
})

suite('on a Swarm', () => {
  const text = [...reached].map(name => bodies.get(name) ?? '').join('\n')
  const given = [...text.matchAll(/(?:\bfail |_code=)([a-z-]+)/g)].map(([, code = '']) => code)
  const codes = sorted(given).filter(isReasonCode)

  test('no remedy for a possible reason mentions Compose or its containers', () => {
    assert.ok(codes.length > 25 && codes.includes('cut-off') && codes.includes('unsettled'), codes.join())
    const remedies = codes.map(code => [code, remedyFor(code, ['shop_web'])] as const)
    assert.deepEqual(
      remedies.filter(([, remedy]) => /\bcompose|\bthe container/i.test(remedy)),
      [],
    )
  })

  test('no remedy for a stage does', () => {
    const planned = [...steps.prepare, ...steps.change].flatMap(({ stage }) => stage ?? [])
    const own = ['start', 'cut', 'settle', 'rollback'] as const
    assert.deepEqual(
      [...own, ...planned].filter(stage =>
        /\bcompose|\bthe container/i.test(swarmRemedies[stage] ?? stages[stage].remedy),
      ),
      [],
    )
  })

  test('no line of the log does', () => {
    const lines = text
      .split('\n')
      .filter(line => /\b(?:say|fail|step|event)\b.*\b(?:Compose|container)\b/.test(line))
    assert.deepEqual(lines, [])
  })
})
