// The entries as the runner starts them, where something fails before there is a plan.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const directory = mkdtempSync(join(tmpdir(), 'slipway-main-'))
after(() => rmSync(directory, { recursive: true, force: true }))

function runMain(env: Readonly<Record<string, string | undefined>>) {
  const files = Object.fromEntries(
    ['OUTPUT', 'ENV', 'STATE', 'STEP_SUMMARY'].map(name => [`GITHUB_${name}`, join(directory, name)]),
  )
  for (const file of Object.values(files)) writeFileSync(file, '')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import=./test/text-modules.mjs', 'src/main.ts'],
    { env: { PATH: process.env['PATH'], GITHUB_ACTIONS: 'true', ...files, ...env }, encoding: 'utf8' },
  )
  const summary = readFileSync(join(directory, 'STEP_SUMMARY'), 'utf8')
  return { status, log: stdout, stderr, summary }
}

const event = join(directory, 'event.json')

const before: readonly { name: string; text?: string; cause: RegExp }[] = [
  { name: 'is missing', cause: /`GITHUB_EVENT_PATH`, `[^`]+`\) cannot be read: ENOENT/ },
  { name: 'is empty', text: '', cause: /is not a JSON object/ },
  { name: 'is cut off', text: '{"ref": "re', cause: /is not a JSON object/ },
  { name: 'is a list', text: '[]', cause: /is not a JSON object/ },
]

for (const { name, text, cause } of before) {
  test(`an event file that ${name} is told in log and summary, and nothing runs`, () => {
    rmSync(event, { force: true })
    if (text !== undefined) writeFileSync(event, text)
    const { status, log, stderr, summary } = runMain({ GITHUB_EVENT_PATH: event })
    assert.equal(status, 1, log + stderr)
    const [error = ''] = log.split('\n').filter(line => line.startsWith('::error'))
    assert.match(error, cause)
    assert.match(error, /title=slipway%3A plan::/)
    assert.doesNotMatch(log + stderr, /^\s+at /m)
    assert.match(summary, /❌/)
    assert.match(summary, /Run the job again/)
  })
}

test('no summary where none is asked for', () => {
  rmSync(event, { force: true })
  assert.equal(runMain({ GITHUB_EVENT_PATH: event, INPUT_SUMMARY: 'false' }).summary, '')
})

test('what the inputs hold several of is masked value by value, in the log and in the summary', () => {
  const key = 'BEGIN KEY\nkeyline1\nx=\nEND KEY'
  const { log, summary } = runMain({
    GITHUB_REPOSITORY: 'octo/app',
    GITHUB_WORKSPACE: directory,
    INPUT_ENV: 'A=true\nPASSWORD=hunter22\nJSON<<EOF\n{\n  "a": "json-value"\n}\nEOF\nPORT=8080\nC=',
    INPUT_SECRETS: 'npm=npm_token1\nC=true\n"many=first-line\n}\nlast-line"',
    'INPUT_SSH-KEY': key,
    // Named in a message, where the value happens to stand.
    INPUT_TAGS: 'type=hunter22',
  })
  const masked = [...log.matchAll(/^::add-mask::(.*)$/gm)].map(([, value]) => value)
  assert.deepEqual(masked.toSorted(), [
    '"a": "json-value"',
    'BEGIN KEY',
    'END KEY',
    'first-line',
    'hunter22',
    'keyline1',
    'last-line',
    'npm_token1',
  ])
  assert.match(log, /the rule `type=\*\*\*`/)
  const rest = log.replaceAll(/^::add-mask::.*$/gm, '')
  for (const text of [rest, summary]) assert.doesNotMatch(text, /hunter22|keyline1|npm_token1|json-value/)
  assert.match(summary, /type=\*\*\*/)
})

test('a program that the workspace holds is not run, whatever the PATH says', () => {
  const workspace = join(directory, 'workspace')
  mkdirSync(workspace, { recursive: true })
  for (const name of ['docker', 'git'])
    writeFileSync(join(workspace, name), `#!/bin/sh\necho ran >'${workspace}/proof'\n`, { mode: 0o755 })
  const main = join(import.meta.dirname, '../../src/main.ts')
  const text = join(import.meta.dirname, '../text-modules.mjs')
  spawnSync(process.execPath, [`--import=${text}`, main], {
    cwd: workspace,
    env: { PATH: ':.:relative', GITHUB_REPOSITORY: 'octo/app', GITHUB_WORKSPACE: workspace, INPUT_TAGS: '1' },
    encoding: 'utf8',
  })
  assert.throws(() => readFileSync(join(workspace, 'proof')), /ENOENT/)
})

/** A docker that can build, and notes each command that it is given, with what it is told of git. */
const docker = `#!/bin/sh
echo "$* git=$BUILDX_GIT_INFO,$BUILDX_GIT_CHECK_DIRTY" >>'${directory}/calls'
[ "$1" = info ] && echo '${JSON.stringify({
  ServerVersion: '28.5.2',
  OSType: 'linux',
  ClientInfo: { Context: 'default', Plugins: [{ Name: 'buildx', Version: 'v0.29.1' }] },
})}'
exit 0
`

for (const { name, given, more = '', status, cause } of [
  { name: 'one label of 120 kB', given: { INPUT_LABELS: `a=${'x'.repeat(120_000)}` }, status: 0 },
  {
    name: 'labels of 120 kB',
    given: {
      INPUT_LABELS: Array.from({ length: 1000 }, (_, place) => `a${place}=${'x'.repeat(112)}`).join('\n'),
    },
    status: 0,
  },
  {
    name: 'a docker that is gone by then',
    given: {},
    more: 'rm "$0"',
    status: 1,
    cause: /::error title=slipway%3A build::`docker` could not be started: it is not on the PATH/,
  },
]) {
  test(`a build with ${name}`, () => {
    const run = build(more, given)
    assert.equal(run.status, status, run.log.slice(-2000) + run.stderr.slice(-2000))
    assert.doesNotMatch(run.log + run.stderr, /^\s+at /m)
    if (cause === undefined) return
    assert.match(run.log, cause)
    assert.match(run.summary, /could not be started/)
  })
}

function build(more: string, given: Readonly<Record<string, string | undefined>>) {
  const bin = join(directory, 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(directory, 'calls'), '')
  writeFileSync(join(bin, 'docker'), docker.replace('exit 0', `${more}\nexit 0`), { mode: 0o755 })
  const run = runMain({
    PATH: `${bin}:/usr/bin:/bin`,
    HOME: directory,
    DOCKER_HOST: 'tcp://engine.example:2376',
    GITHUB_REPOSITORY: 'octo/app',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_WORKSPACE: directory,
    INPUT_PUSH: 'false',
    INPUT_CONTEXT: 'https://example.com/a.git',
    ...given,
  })
  return { ...run, calls: readFileSync(join(directory, 'calls'), 'utf8') }
}

for (const [name, temp] of [
  ['is not set', undefined],
  ['lies in the workspace', join(directory, '_temp')],
  ['has a comma in its name', join(tmpdir(), 'a,b')],
] as const) {
  test(`private files of a build go to a place of the system where RUNNER_TEMP ${name}`, () => {
    if (temp !== undefined) mkdirSync(temp, { recursive: true })
    const { status, log, calls } = build('', { RUNNER_TEMP: temp, INPUT_SECRETS: 'key=a-secret-value' })
    assert.equal(status, 0, log)
    const [, secret = ''] = /--secret id=key,src=(\S+)/.exec(calls) ?? []
    assert.ok(secret.startsWith('/') && !secret.startsWith(directory) && !secret.includes(','), calls)
    if (temp !== undefined) rmSync(temp, { recursive: true })
  })
}

test('a fork’s run with `rollback-to` builds nothing', () => {
  writeFileSync(event, JSON.stringify({ pull_request: { head: { repo: { full_name: 'x/app' } } } }))
  const { status, log, calls } = build('', {
    GITHUB_EVENT_NAME: 'pull_request',
    GITHUB_EVENT_PATH: event,
    'INPUT_ROLLBACK-TO': 'previous',
    'INPUT_SSH-HOST': 'deploy@example.com',
  })
  assert.equal(status, 0, log)
  assert.match(log, /Nothing is deployed: this pull request comes from a fork/)
  assert.match(log, /Nothing to do/)
  assert.doesNotMatch(calls, /^buildx build/m)
})

const pull = (full_name: string) => ({ pull_request: { head: { repo: { full_name } } } })

for (const [name, eventName, payload, told] of [
  ['a push', 'push', {}, ','],
  ['a pull request of the own', 'pull_request', pull('octo/app'), ','],
  ['a pull request of a fork', 'pull_request', pull('x/app'), 'false,false'],
  ['pull_request_target of a fork', 'pull_request_target', pull('x/app'), 'false,false'],
  [
    'workflow_run of a fork that is gone',
    'workflow_run',
    { workflow_run: { head_repository: null } },
    'false,false',
  ],
] as const) {
  test(`buildx ${told === ',' ? 'may ask' : 'is kept from asking'} git in the workspace: ${name}`, () => {
    writeFileSync(event, JSON.stringify(payload))
    const { status, log, calls } = build('', { GITHUB_EVENT_NAME: eventName, GITHUB_EVENT_PATH: event })
    assert.equal(status, 0, log)
    assert.match(calls, new RegExp(`^buildx build .* git=${told}$`, 'm'))
  })
}
