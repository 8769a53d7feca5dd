import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { noFindings } from '../../../src/core/findings.ts'
import type { InputName } from '../../../src/inputs/inputs.ts'
import { planPayload } from '../../../src/payload/plan.ts'
import { inputsOf } from '../image/events.ts'

/** Returns a setting that is sent to the server, by its name, and the problems with the inputs. */
async function planned(name: string, given: Partial<Record<InputName, string>>) {
  const findings = noFindings()
  const plan = await planPayload(inputsOf(given), '/nowhere', findings)
  const values: Readonly<Record<string, string>> = {
    'settings-file': plan.envFile,
    'hook-timeout': String(plan.hooks.timeout),
  }
  return {
    values: [values[name]],
    problems: findings.problems.map(({ input, cause }) => `${input}: ${cause}`),
  }
}

describe('`hook-timeout`, in seconds', () => {
  const table = [
    { text: '', seconds: '600' },
    { text: '45', seconds: '45' },
    { text: '90s', seconds: '90' },
    { text: '2m', seconds: '120' },
    { text: '6h', seconds: '21600' },
  ]
  for (const { text, seconds } of table) {
    it(JSON.stringify(text), async () =>
      assert.deepEqual(await planned('hook-timeout', { 'hook-timeout': text }), {
        values: [seconds],
        problems: [],
      }),
    )
  }

  for (const text of ['0', '7h', 'soon']) {
    it(`rejects ${text}`, async () => {
      const { problems } = await planned('hook-timeout', { 'hook-timeout': text })
      assert.equal(problems.length, 1)
      assert.ok(problems[0]?.startsWith(`hook-timeout: \`hook-timeout\` is \`${text}\``), problems[0])
    })
  }
})

describe('`env-file`', () => {
  const table = [
    { text: '', path: '.env' },
    { text: './app/of it.env', path: 'app/of it.env' },
    { text: '', compose: 'base.env\n.env.production', path: '.env.production' },
    { text: 'app.env', compose: '.env.production', path: 'app.env' },
    { text: '', compose: '/etc/app.env', path: '.env' },
  ]
  for (const { text, compose = '', path } of table) {
    it(JSON.stringify({ text, compose }), async () =>
      assert.deepEqual(await planned('settings-file', { 'env-file': text, 'compose-env-files': compose }), {
        values: [path],
        problems: [],
      }),
    )
  }

  const wrong = [
    { text: '../.env', cause: /^env-file: .* is not a file in `project-directory`/ },
    { text: 'app/', cause: /^env-file: .* is not a file in `project-directory`/ },
    { text: 'app\\.env', cause: /^env-file: `env-file` is "app\\\\\.env", whose name has a control/ },
    { text: 'app\n.env', cause: /^env-file: `env-file` is "app\\n\.env", whose name has a control/ },
    { text: 'app\t.env', cause: /^env-file: `env-file` is "app\\t\.env", whose name has a control/ },
  ]
  for (const { text, cause } of wrong) {
    it(`rejects ${JSON.stringify(text)}`, async () => {
      const { problems } = await planned('settings-file', { 'env-file': text })
      assert.match(problems.join('\n'), cause)
      assert.equal(problems.length, 1)
    })
  }
})
