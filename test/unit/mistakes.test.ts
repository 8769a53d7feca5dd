/**
 * The twelve usual mistakes of a first deploy, and the text that each one shows. The table of docs/troubleshooting.md
 * has the same texts; test/scenario/long/mistakes.test.ts makes the last five on a real server.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { readComposeConfig } from '../../src/compose/config.ts'
import type { Problem } from '../../src/core/errors.ts'
import { noFindings } from '../../src/core/findings.ts'
import { problemOf } from '../../src/deploy/outcome.ts'
import type { ReasonCode } from '../../src/deploy/reasons.ts'
import type { VerdictKind } from '../../src/deploy/verdict.ts'
import { parseReference, type Reference } from '../../src/image/reference.ts'
import { type InputName, type Inputs, inputNames } from '../../src/inputs/inputs.ts'
import { canPush } from '../../src/registry/push.ts'
import { explainDial } from '../../src/ssh/connection-error.ts'
import { planSsh } from '../../src/ssh/target.ts'
import { answerOf } from '../../src/target/compose-host/answer.ts'
import { type ConflictFacts, conflictsOf } from '../../src/target/compose-host/conflicts.ts'
import { notPushed, unpinnable } from '../../src/target/compose-host/pins.ts'
import { missingServices } from '../../src/target/compose-host/services.ts'
import { parseSurroundings } from '../../src/target/compose-host/surroundings.ts'
import { client, serve } from './registry/registry.ts'
import { server, service } from './target/compose-host/preflight/facts.ts'

const { project } = server()
const pushed = [parseReference('ghcr.io/me/app:latest') as Reference]

function reach(given: Readonly<Partial<Record<InputName, string>>>): Problem | undefined {
  const inputs = Object.fromEntries(inputNames.map(name => [name, given[name] ?? ''])) as Inputs
  const findings = noFindings()
  planSsh(inputs, {}, findings)
  return findings.problems[0]
}

const host = { 'ssh-host': 'deploy@example.com', 'ssh-known-hosts': 'example.com ssh-ed25519 AAAA' }
const cutKey = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU'

async function push(): Promise<Problem | undefined> {
  const body = '{"errors":[{"code":"DENIED","message":"permission_denied: write_package"}]}'
  const { host: registry } = await serve((_, response) => response.writeHead(403).end(body))
  const may = await canPush(client(), parseReference(`${registry}/me/app:latest`) as Reference)
  if (may.kind !== 'no') return undefined
  return { ...may.problem, cause: may.problem.cause.replace(registry, 'ghcr.io') }
}

async function misspelled(): Promise<Problem | undefined> {
  const config = await readComposeConfig('services:\n  web:\n    image: app\n  db:\n    image: postgres\n')
  return missingServices({ config, project } as never, { services: ['wbe'] } as never)[0]
}

async function takenPort(): Promise<Problem | undefined> {
  const config = await readComposeConfig('services:\n  web:\n    image: app\n    ports: ["80:8080"]\n')
  const surroundings = parseSurroundings(answerOf([{ name: 'listening.tcp', lines: ['00000000:0050'] }]))
  return conflictsOf({
    reading: { config, project: { name: 'app' }, profiles: [], templates: {}, hashes: {} },
    surroundings,
    plan: { services: ['web'], waitTimeout: 120 },
    tools: server().tools,
    unsettled: new Map(),
  } as unknown as ConflictFacts)[0]
}

const verdict = (kind: VerdictKind, stage: string, code: ReasonCode, reason: string): Problem =>
  problemOf({ kind, stage, code, reason, deployed: {}, previous: {}, stages: [], output: '' })

interface Mistake {
  readonly name: string
  readonly make: () => Problem | undefined | Promise<Problem | undefined>
}

const image = `ghcr.io/octo/app@sha256:${'0123456789abcdef'.repeat(4)}`

const mistakes: readonly Mistake[] = [
  { name: 'The secret is empty', make: () => reach(host) },
  { name: 'The key lost its end or its newlines', make: () => reach({ ...host, 'ssh-key': cutKey }) },
  {
    name: 'The host is wrong',
    make: () => explainDial({ code: 'ENOTFOUND' }, { host: 'exmaple.com', port: 22 }).problem,
  },
  { name: 'The push permission is missing', make: push },
  { name: 'The service is misspelled', make: misspelled },
  {
    name: 'The service has no `image:`',
    make: () => unpinnable(service('web', { reference: '', builds: true }), project, pushed[0]),
  },
  {
    name: 'The compose file names another tag',
    make: () => notPushed(service('web', { reference: 'ghcr.io/me/app:main' }), project, pushed),
  },
  {
    name: 'The server may not pull the private image',
    make: () => verdict('unchanged', 'pull', 'pull-denied', `${image} could not be pulled: denied`),
  },
  { name: 'The port is in use', make: takenPort },
  {
    name: 'The program crashes at the start',
    make: () => verdict('removed', 'gate', 'crash-loop', 'web restarted 3 times (exit code 1)'),
  },
  {
    name: 'The start is slow',
    make: () => verdict('removed', 'gate', 'starting', 'web is not healthy yet, after 120 s'),
  },
  {
    name: 'The program of the healthcheck is missing',
    make: () =>
      verdict(
        'removed',
        'gate',
        'healthcheck-missing',
        'the healthcheck of web runs `curl`, which is not in its image',
      ),
  },
]

const page = readFileSync(new URL('../../.github/docs/troubleshooting.md', import.meta.url), 'utf8')

suite('a usual mistake of a first deploy', () => {
  for (const { name, make } of mistakes)
    test(name, async () => {
      const problem = await make()
      assert.ok(problem, 'nothing is said')
      const { cause, remedy = '' } = problem
      assert.match(remedy, /`[^`]+`/, 'the remedy names no command or setting')
      const row = `| ${name} | ${cause} | ${remedy.replaceAll('\n', ' ')} |`
      assert.ok(page.includes(row), `docs/troubleshooting.md lacks the row\n${row}`)
    })
})
