import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { after, test } from 'node:test'
import { check } from '../../../src/check/check.ts'
import { type CheckPlan, planCheck } from '../../../src/check/plan.ts'
import { noFindings } from '../../../src/core/findings.ts'
import { readInputs } from '../../../src/inputs/inputs.ts'

let answers: (readonly [number, string])[] = []
const front = createServer((_, response) => {
  const [status, body] = (answers.length > 1 ? answers.shift() : answers[0]) ?? [200, 'fine']
  response.writeHead(status).end(body)
})
await new Promise<void>(resolve => front.listen(0, '127.0.0.1', resolve))
after(() => {
  front.closeAllConnections()
  front.close()
})
const { port } = front.address() as AddressInfo

const never = new AbortController().signal
const plan = (more: Partial<CheckPlan> = {}): CheckPlan => ({
  url: new URL(`http://127.0.0.1:${port}/health`),
  status: [[200, 299]],
  contains: '',
  timeout: 2,
  from: 'runner',
  onLost: 'keep',
  ...more,
})

test('it is asked until it answers as it should, and each new reason is told once', async () => {
  answers = [
    [502, ''],
    [502, ''],
    [200, 'old'],
    [200, 'new'],
  ]
  const told: string[] = []
  const result = await check(plan({ contains: 'new', timeout: 10 }), reason => told.push(reason), never)
  assert.deepEqual(result, { passed: true, attempts: 4 })
  assert.deepEqual(told, ['it answers 502', 'it answers 200, without "new"'])
})

test('a front door that stays dead is told with its last answer, within the time', async () => {
  answers = [[503, '']]
  const began = Date.now()
  const result = await check(plan(), () => {}, never)
  assert.equal(result.passed, false)
  assert.equal('reason' in result && result.reason, 'it answers 503')
  assert.ok(Date.now() - began < 3000)
})

test('nobody there', async () => {
  const result = await check(plan({ url: new URL('http://127.0.0.1:1/'), timeout: 1 }), () => {}, never)
  assert.match('reason' in result ? result.reason : '', /does not answer: .*ECONNREFUSED/)
})

test('asked through another machine, the name is looked up there', async () => {
  answers = [[204, '']]
  const asked: [string, number][] = []
  const result = await check(
    plan({ url: new URL('http://inside.example:8080/') }),
    () => {},
    never,
    async (host, number) => {
      asked.push([host, number])
      return connect(port, '127.0.0.1')
    },
  )
  assert.equal(result.passed, true)
  assert.deepEqual(asked, [['inside.example', 8080]])
})

test('a port that drops what is sent there costs no more than the time there is, and what comes late is closed', async () => {
  const [late, closed] = [new PassThrough(), Promise.withResolvers<void>()]
  late.once('close', closed.resolve)
  let arrive: (stream: PassThrough) => void = () => {}
  const dial = () => new Promise<PassThrough>(resolve => (arrive = resolve))
  const result = await check(plan({ timeout: 1 }), () => {}, never, dial)
  assert.match('reason' in result ? result.reason : '', /does not answer: .*timeout/)
  arrive(late)
  await closed.promise
})

const planned = (given: Record<string, string>) => {
  const findings = noFindings()
  const env = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
  )
  return { plan: planCheck(readInputs(env), findings), findings }
}

test('without a URL there is no check, and what would need one is warned of', () => {
  const { plan: none, findings } = planned({ 'check-contains': 'x' })
  assert.equal(none, undefined)
  assert.equal(findings.warnings.length, 1)
})

test('statuses are codes and ranges', () => {
  const { plan: found } = planned({ 'check-url': 'https://a.example', 'check-status': '200-299, 401' })
  assert.deepEqual(found?.status, [
    [200, 299],
    [401, 401],
  ])
})

test('everything that is wrong is told at once', () => {
  const { findings } = planned({
    'check-url': 'app.example.com/health',
    'check-status': '20x',
    'check-from': 'moon',
    'check-on-lost': 'panic',
    'check-timeout': 'soon',
  })
  assert.deepEqual(findings.problems.map(({ input }) => input).sort(), [
    'check-from',
    'check-on-lost',
    'check-status',
    'check-timeout',
    'check-url',
  ])
})
