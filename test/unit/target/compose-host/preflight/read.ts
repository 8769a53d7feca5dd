import assert from 'node:assert/strict'
import type { Run } from '../../../../../src/core/command.ts'
import { parseReference, type Reference } from '../../../../../src/image/reference.ts'
import { describeDeploy } from '../../../../../src/target/compose-host/describe.ts'
import { type Preflight, preflight } from '../../../../../src/target/compose-host/preflight.ts'
import type { DeployPlan } from '../../../../../src/target/plan.ts'
import { image, type ProjectCase, root } from './projects.ts'

const plan: DeployPlan = {
  ssh: {
    host: 'server',
    port: 22,
    user: 'deploy',
    authentication: { kind: 'password', password: '' },
    hostKey: { kind: 'insecure' },
  },
  projectDirectory: root,
  services: ['web'],
  whole: false,
  images: {},
  removeOrphans: false,
  composeFiles: [],
  composeEnvFiles: [],
  projectName: undefined,
  waitTimeout: 120,
  stability: 10,
  rollback: true,
  rollbackTo: undefined,
  lockTimeout: 600,
  keepReleases: 3,
  strategy: 'recreate',
  drain: 10,
  overlap: [],
  withdraw: 'health',
  proxyReload: '',
  serverLogin: true,
}

const identity = {
  home: 'https://github.com/me/app',
  workflow: 'CI',
  ref: 'refs/heads/main',
  number: 7,
  commit: 'abc',
}

/** Reads a project through `run`. */
export function read(project: ProjectCase, run: Run): Promise<Preflight> {
  const { name, directory, service = 'web', composeFiles = [], composeEnvFiles = [], tags = ['v1'] } = project
  const projectDirectory = [root, name, directory].filter(part => part !== undefined).join('/')
  const references = tags.map(tag => parseReference(`${image}:${tag}`) as Reference)
  const release = { references, platforms: ['linux/amd64'], size: 1000 }
  return preflight(
    { run },
    { ...plan, projectDirectory, services: [service], composeFiles, composeEnvFiles },
    release,
    identity,
  )
}

/** Compares the result with the expected one. */
export function check({ expected }: ProjectCase, { facts, release, findings }: Preflight): void {
  const [service] = facts?.services ?? []
  const messages = findings.problems.map(({ cause, remedy, output }) => [cause, remedy, output].join(' '))
  match(messages, expected.problems ?? [])
  // On the servers of the scenario all projects declare the same image, so each is warned about all others.
  const warnings = findings.warnings.filter(text => !/^The project `\S+` in `\S+` declares/.test(text))
  match(warnings, expected.warnings ?? [])
  assert.ok(
    !JSON.stringify({ facts, release, findings }).includes('hunter2'),
    'a value of the environment is kept',
  )
  if (expected.project) assert.partialDeepStrictEqual(facts?.project, expected.project)
  if (expected.service) assert.partialDeepStrictEqual(service, expected.service)
  if (expected.envSet) assert.deepEqual(release?.envSet, expected.envSet)
  if (expected.pin) assert.equal(release?.pins[0]?.reference, expected.pin)
  if (expected.containers) {
    const states = service?.containers.map(({ state, health }) => `${state} ${health ?? '-'}`)
    assert.deepEqual(states, expected.containers)
  }
  if ('configChanged' in expected && facts && release) {
    // v1's hash includes the image, so Slipway does not use it.
    const changed = facts.tools.composeVersion.startsWith('1.') ? undefined : expected.configChanged
    assert.equal(describeDeploy(facts, release).services[0]?.configChanged, changed)
  }
}

function match(texts: readonly string[], patterns: readonly RegExp[]): void {
  assert.equal(texts.length, patterns.length, texts.join('\n') || 'nothing was found')
  for (const [index, pattern] of patterns.entries()) assert.match(texts[index] ?? '', pattern)
}
