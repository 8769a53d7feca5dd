import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { noFindings } from '../../../src/core/findings.ts'
import { type Inputs, readInputs } from '../../../src/inputs/inputs.ts'
import { planHooks } from '../../../src/payload/hooks.ts'

const inputs = (given: Readonly<Record<string, string>>): Inputs =>
  readInputs(
    Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
  )

suite('a command in a service', () => {
  const cases = [
    {
      name: 'with quotes',
      line: "web ./migrate 'all of it'",
      expected: { service: 'web', options: [], command: ['./migrate', 'all of it'] },
    },
    {
      name: "the service's own command",
      line: 'migrate',
      expected: { service: 'migrate', options: [], command: [] },
    },
    {
      name: 'with options',
      line: '-w /app --user=1000:1000 --entrypoint "" web -v',
      expected: {
        service: 'web',
        options: ['--workdir', '/app', '--user', '1000:1000', '--entrypoint', ''],
        command: ['-v'],
      },
    },
  ] as const
  for (const { name, line, expected } of cases)
    test(name, () => {
      const findings = noFindings()
      assert.deepEqual(planHooks(inputs({ 'run-before': line }), findings).runBefore, [expected])
      assert.deepEqual(findings.problems, [])
    })

  const refused = [
    { name: 'an unknown option', input: 'run-before', line: '--privileged web ls' },
    { name: 'an option without its value', input: 'run-after', line: '--user' },
    { name: 'an unclosed quote', input: 'run-before', line: "web 'ls" },
    { name: 'no command for the running container', input: 'exec-after', line: 'web' },
    { name: 'an entrypoint for the running container', input: 'exec-before', line: '--entrypoint sh web ls' },
    { name: 'an invalid service name', input: 'exec-before', line: '$(id) ls' },
  ] as const
  for (const { name, input, line } of refused)
    test(`rejects ${name}`, () => {
      const findings = noFindings()
      planHooks(inputs({ [input]: line }), findings)
      assert.deepEqual(
        findings.problems.map(problem => [problem.input, problem.cause]),
        [[input, `\`${input}\` has \`${line}\`, which is not \`[options] service command\`.`]],
      )
    })
})
