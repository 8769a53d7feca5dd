import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { PassThrough } from 'node:stream'
import { after, test } from 'node:test'
import { check } from '../../../src/check/check.ts'
import { type CheckPlan, planCheck, shownUrl } from '../../../src/check/plan.ts'
import { noFindings } from '../../../src/core/findings.ts'
import { readInputs } from '../../../src/inputs/inputs.ts'

/** The responses of the server; the last one is repeated. */
let responses: (readonly [number, string])[] = []
const server = createServer((_, response) => {
  const [status, body] = (responses.length > 1 ? responses.shift() : responses[0]) ?? [200, 'fine']
  response.writeHead(status).end(body)
})
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
after(() => {
  server.closeAllConnections()
  server.close()
})
const { port } = server.address() as AddressInfo

const neverAborted = new AbortController().signal
const plan = (more: Partial<CheckPlan> = {}): CheckPlan => ({
  url: new URL(`http://127.0.0.1:${port}/health`),
  status: [[200, 299]],
  contains: '',
  timeout: 2,
  from: 'runner',
  onLost: 'keep',
  ...more,
})

test('the check retries until the response is as expected, and reports each new reason once', async () => {
  responses = [
    [502, ''],
    [502, ''],
    [200, 'old'],
    [200, 'new'],
  ]
  const reported: string[] = []
  const result = await check(
    plan({ contains: 'new', timeout: 10 }),
    reason => reported.push(reason),
    neverAborted,
  )
  assert.deepEqual(result, { passed: true, attempts: 4 })
  assert.deepEqual(reported, ['it answers 502', 'it answers 200, without "new"'])
})

test('a check that never passes ends within the timeout, with the last reason', async () => {
  responses = [[503, '']]
  const began = Date.now()
  const result = await check(plan(), () => {}, neverAborted)
  assert.equal(result.passed, false)
  assert.equal('reason' in result && result.reason, 'it answers 503')
  assert.ok(Date.now() - began < 3000)
})

test('a refused connection fails the check', async () => {
  const result = await check(
    plan({ url: new URL('http://127.0.0.1:1/'), timeout: 1 }),
    () => {},
    neverAborted,
  )
  assert.match('reason' in result ? result.reason : '', /does not answer: .*ECONNREFUSED/)
})

test('an endless body passes once the text has arrived, or by its status when the attempt ends', async () => {
  const endless = createServer((_, response) => void response.write('data: hello\n\n'))
  await new Promise<void>(resolve => endless.listen(0, '127.0.0.1', resolve))
  try {
    const url = new URL(`http://127.0.0.1:${(endless.address() as AddressInfo).port}/`)
    for (const { contains, passed } of [
      { contains: 'hello', passed: true },
      { contains: '', passed: true },
      { contains: 'other', passed: false },
    ]) {
      const result = await check(plan({ url, contains, timeout: 1 }), () => {}, neverAborted)
      assert.equal(result.passed, passed, contains)
      if ('reason' in result) assert.equal(result.reason, 'it answers 200, without "other"')
    }
  } finally {
    endless.closeAllConnections()
    endless.close()
  }
})

test('an answer 101 is an answer', async () => {
  const switching = createServer()
  // Answers to any request by hand, because a server of Node's has no such response.
  switching.on('connection', socket => {
    socket.removeAllListeners('data')
    socket.on('data', () =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
    )
  })
  await new Promise<void>(resolve => switching.listen(0, '127.0.0.1', resolve))
  try {
    const url = new URL(`http://127.0.0.1:${(switching.address() as AddressInfo).port}/`)
    const result = await check(plan({ url, timeout: 1 }), () => {}, neverAborted)
    assert.equal('reason' in result && result.reason, 'it answers 101')
  } finally {
    switching.closeAllConnections()
    switching.close()
  }
})

test('a check from another machine resolves the host name there', async () => {
  responses = [[204, '']]
  const dialled: [string, number][] = []
  const result = await check(
    plan({ url: new URL('http://inside.example:8080/') }),
    () => {},
    neverAborted,
    async (host, number) => {
      dialled.push([host, number])
      return connect(port, '127.0.0.1')
    },
  )
  assert.equal(result.passed, true)
  assert.deepEqual(dialled, [['inside.example', 8080]])
})

test('a port that drops packets does not exceed the timeout, and a late connection is closed', async () => {
  const [late, closed] = [new PassThrough(), Promise.withResolvers<void>()]
  late.once('close', closed.resolve)
  let arrive: (stream: PassThrough) => void = () => {}
  const dial = () => new Promise<PassThrough>(resolve => (arrive = resolve))
  const result = await check(plan({ timeout: 1 }), () => {}, neverAborted, dial)
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

test('without `check-url` there is no check, and the other inputs cause a warning', () => {
  const { plan: none, findings } = planned({ 'check-contains': 'x' })
  assert.equal(none, undefined)
  assert.equal(findings.warnings.length, 1)
})

test('statuses are codes and ranges', () => {
  const { plan: parsed } = planned({ 'check-url': 'https://a.example', 'check-status': '200-299, 401' })
  assert.deepEqual(parsed?.status, [
    [200, 299],
    [401, 401],
  ])
})

test('all problems are reported together', () => {
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

test('a login in `check-url` is checked, and never shown', () => {
  const { findings } = planned({ 'check-url': 'https://me:50%@a.example/' })
  assert.match(findings.problems[0]?.cause ?? '', /`%` that begins no escape sequence/)
  const { plan: parsed } = planned({ 'check-url': 'https://me:secret@a.example/x?y=z' })
  assert.ok(parsed)
  assert.equal(shownUrl(parsed), 'https://a.example/x?y=z')
  assert.equal(parsed.url.password, 'secret')
  const { findings: wrong } = planned({ 'check-url': 'ftp://me:secret@a.example/' })
  assert.doesNotMatch(JSON.stringify(wrong), /secret/)
})
