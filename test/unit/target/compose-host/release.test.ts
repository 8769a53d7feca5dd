import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { formatReference, parseReference, type Reference } from '../../../../src/image/reference.ts'
import type { ServerFacts, Variable } from '../../../../src/target/compose-host/facts.ts'
import { canRun } from '../../../../src/target/compose-host/platform.ts'
import { checkRelease, checkRollback, type Release } from '../../../../src/target/compose-host/release.ts'
import { container, digest, server, service } from './preflight/facts.ts'

const release = (references: readonly string[], parts: Partial<Release> = {}): Release => ({
  references: references.map(each => parseReference(each) as Reference),
  platforms: ['linux/amd64'],
  size: undefined,
  ...parts,
})

const inFile = (name: string, value: string, services = ['web']): Variable => ({
  name,
  value,
  from: 'env-file',
  services,
})
const web = (template: string, reference: string) => service('web', { template, reference })

suite('the reference that is pinned', () => {
  const table: readonly {
    name: string
    facts: ServerFacts
    pushed: readonly string[]
    named?: Readonly<Record<string, string>>
    pins: readonly string[]
    envSet?: Record<string, string>
    problem?: RegExp
  }[] = [
    {
      name: 'one of the pushed references',
      facts: server(),
      pushed: ['ghcr.io/me/app:main', 'ghcr.io/me/app:v1'],
      pins: ['ghcr.io/me/app:v1 = ghcr.io/me/app:v1'],
    },
    {
      name: 'no tag means latest, and Docker Hub has two spellings',
      facts: server({ services: [web('me/app', 'me/app')] }),
      pushed: ['docker.io/me/app:latest'],
      pins: ['me/app = docker.io/me/app:latest'],
    },
    {
      name: 'its own image for each service',
      facts: server({ services: [service('web'), service('worker', { reference: 'ghcr.io/me/worker:v1' })] }),
      pushed: ['ghcr.io/me/app:v1', 'ghcr.io/me/worker:v1'],
      pins: ['ghcr.io/me/app:v1 = ghcr.io/me/app:v1', 'ghcr.io/me/worker:v1 = ghcr.io/me/worker:v1'],
    },
    {
      name: 'the named image, by digest, with any declared tag',
      facts: server({ services: [service('web'), service('api', { reference: 'ghcr.io/me/api:stable' })] }),
      pushed: ['ghcr.io/me/app:v1'],
      named: { api: `ghcr.io/me/api@${digest('b')}` },
      pins: [
        'ghcr.io/me/app:v1 = ghcr.io/me/app:v1',
        `ghcr.io/me/api:stable = ghcr.io/me/api@${digest('b')}`,
      ],
    },
    {
      name: 'the named image, by a tag that the service does not declare',
      facts: server({ services: [service('web')] }),
      pushed: [],
      named: { web: `ghcr.io/me/app:v2@${digest('b')}` },
      pins: [`ghcr.io/me/app:v1 = ghcr.io/me/app@${digest('b')}`],
    },
    {
      name: 'the named image, whose tag a variable of the env file decides',
      facts: server({
        services: [web('ghcr.io/me/app:${TAG}', 'ghcr.io/me/app:v1')],
        project: { variables: [inFile('TAG', 'v1')] },
      }),
      pushed: [],
      named: { web: `ghcr.io/me/app:v2@${digest('b')}` },
      pins: [`ghcr.io/me/app:v2 = ghcr.io/me/app:v2@${digest('b')}`],
      envSet: { TAG: 'v2' },
    },
    {
      name: 'no named image of another repository',
      facts: server({ services: [service('web')] }),
      pushed: ['ghcr.io/me/app:v1'],
      named: { web: `ghcr.io/me/other@${digest('b')}` },
      pins: [],
      problem:
        /declares the image `ghcr.io\/me\/app:v1`, which this run does not push .*ghcr.io\/me\/other@sha256:b/,
    },
    {
      name: 'a tag in a variable: the first match',
      facts: server({
        services: [web('ghcr.io/me/app:${TAG}', 'ghcr.io/me/app:v0')],
        project: { variables: [inFile('TAG', 'v0')] },
      }),
      pushed: ['ghcr.io/me/other:v2', 'ghcr.io/me/app:v2', 'ghcr.io/me/app:latest'],
      pins: ['ghcr.io/me/app:v2 = ghcr.io/me/app:v2'],
      envSet: { TAG: 'v2' },
    },
    {
      name: 'a variable that already has the value',
      facts: server({
        services: [web('ghcr.io/me/app:${TAG}', 'ghcr.io/me/app:latest')],
        project: { variables: [inFile('TAG', 'latest')] },
      }),
      pushed: ['ghcr.io/me/app:v2', 'ghcr.io/me/app:latest'],
      pins: ['ghcr.io/me/app:latest = ghcr.io/me/app:latest'],
    },
    {
      name: 'part of a tag in a variable',
      facts: server({
        services: [web('ghcr.io/me/app:v${VERSION}-slim', 'ghcr.io/me/app:v1-slim')],
        project: { variables: [inFile('VERSION', '1')] },
      }),
      pushed: ['ghcr.io/me/app:latest', 'ghcr.io/me/app:v2.0.1-slim'],
      pins: ['ghcr.io/me/app:v2.0.1-slim = ghcr.io/me/app:v2.0.1-slim'],
      envSet: { VERSION: '2.0.1' },
    },
    {
      name: 'two variables: the last one',
      facts: server({
        services: [web('${IMAGE:-ghcr.io/me/app}:${TAG}', 'ghcr.io/me/app:v1')],
        project: { variables: [inFile('IMAGE', 'ghcr.io/me/app'), inFile('TAG', 'v1')] },
      }),
      pushed: ['ghcr.io/me/app:v2'],
      pins: ['ghcr.io/me/app:v2 = ghcr.io/me/app:v2'],
      envSet: { TAG: 'v2' },
    },
    {
      name: 'the whole reference in a variable, in the short form of Docker Hub',
      facts: server({
        services: [web('${IMAGE}', 'me/app:v1')],
        project: { variables: [inFile('IMAGE', 'me/app:v1')] },
      }),
      pushed: ['docker.io/me/app:v2'],
      pins: ['me/app:v2 = docker.io/me/app:v2'],
      envSet: { IMAGE: 'me/app:v2' },
    },
    {
      name: 'one variable of two deployed services',
      facts: server({
        services: ['web', 'worker'].map(name =>
          service(name, { template: 'ghcr.io/me/app:${TAG}', reference: 'ghcr.io/me/app:v1' }),
        ),
        project: { variables: [inFile('TAG', 'v1', ['web', 'worker'])] },
      }),
      pushed: ['ghcr.io/me/app:v2'],
      pins: ['ghcr.io/me/app:v2 = ghcr.io/me/app:v2', 'ghcr.io/me/app:v2 = ghcr.io/me/app:v2'],
      envSet: { TAG: 'v2' },
    },
    {
      name: 'a variable that another service uses is not changed',
      facts: server({
        services: [web('ghcr.io/me/app:${TAG}', 'ghcr.io/me/app:v1')],
        project: { variables: [inFile('TAG', 'v1', ['web', 'db'])] },
      }),
      pushed: ['ghcr.io/me/app:v2'],
      pins: [],
      problem: /Set `env: TAG=v2`.*It decides the image of `db` too: .*`service: web, db`/,
    },
    {
      name: 'a variable of the environment, which cannot be set',
      facts: server({
        services: [web('ghcr.io/me/app:${TAG}', 'ghcr.io/me/app:v1')],
        project: { variables: [{ ...inFile('TAG', 'v3'), from: 'environment' }] },
      }),
      pushed: ['ghcr.io/me/app:v2'],
      pins: [],
      problem: /Change `TAG`, which decides .* set in the login environment/,
    },
    {
      name: 'no `.env` that Compose reads',
      facts: server({
        services: [web('ghcr.io/me/app:${TAG}', 'ghcr.io/me/app:v1')],
        project: { variables: [inFile('TAG', 'v1')], envFile: undefined },
      }),
      pushed: ['ghcr.io/me/app:v2'],
      pins: [],
      problem: /Set `env: TAG=v2`: the variable decides the image/,
    },
    {
      name: 'no known template',
      facts: server({ services: [service('web', { template: undefined, reference: 'ghcr.io/me/app:v9' })] }),
      pushed: ['ghcr.io/me/app:v2'],
      pins: [],
      problem: /Add `v9` to `tags`, or let the service declare `image: ghcr.io\/me\/app:v2`/,
    },
    {
      name: 'the default of an unset variable',
      facts: server({
        services: [web('ghcr.io/me/app:${TAG:-1.0.0}', 'ghcr.io/me/app:1.0.0')],
        project: { variables: [{ name: 'TAG', from: undefined, value: undefined, services: ['web'] }] },
      }),
      pushed: ['ghcr.io/me/app:1.1.0', 'ghcr.io/me/app:latest'],
      pins: [],
      problem: /Set `env: TAG=1\.1\.0`/,
    },
    {
      name: 'a literal version, whose tag is a release',
      facts: server({ services: [web('ghcr.io/me/app:1.0.0', 'ghcr.io/me/app:1.0.0')] }),
      pushed: ['ghcr.io/me/app:1.1.0'],
      pins: [],
      problem: /would change nothing\. Let the service declare `image: ghcr\.io\/me\/app:1\.1\.0`/,
    },
    {
      name: 'an invalid reference',
      facts: server({ services: [web('Ghcr.io/Me/App', 'Ghcr.io/Me/App')] }),
      pushed: ['ghcr.io/me/app:v2'],
      pins: [],
      problem: /declares the image `Ghcr.io\/Me\/App`: a repository name is lower case/,
    },
  ]
  for (const { name, facts, pushed, named = {}, pins, envSet = {}, problem } of table)
    test(name, () => {
      const images = Object.entries(named).map(([name, text]) => [
        name,
        { reference: parseReference(text) as Reference, platforms: ['linux/amd64'], size: undefined },
      ])
      const checked = checkRelease(facts, release(pushed, { named: Object.fromEntries(images) }))
      assert.deepEqual(
        checked.pins.map(pin => `${pin.reference} = ${formatReference(pin.pushed)}`),
        pins,
      )
      assert.deepEqual(checked.envSet, envSet)
      const messages = checked.findings.problems.map(({ cause, remedy }) => `${cause} ${remedy}`)
      assert.equal(messages.length, problem === undefined ? 0 : 1, messages.join('\n'))
      if (problem) assert.match(messages.join(), problem)
      assert.equal(checked.findings.warnings.length, problem?.source.includes('environment') ? 1 : 0)
    })
})

suite('problems of a release', () => {
  const both = [service('web'), service('worker')]
  const table: readonly {
    name: string
    facts: ServerFacts
    release?: Partial<Release>
    problems?: readonly RegExp[]
    warnings?: readonly RegExp[]
  }[] = [
    { name: 'no problem', facts: server() },
    {
      name: 'another platform, reported once',
      facts: server({ services: both, tools: { platform: 'linux/arm64' } }),
      problems: [/^The server is `linux\/arm64`, but the image is built for `linux\/amd64` only. Add/],
    },
    { name: 'an unknown platform', facts: server(), release: { platforms: [] } },
    {
      name: 'a service of another platform',
      facts: server({ services: [service('web', { platform: 'linux/arm/v7' })] }),
      problems: [/`web` asks for `linux\/arm\/v7`/],
    },
    {
      name: 'a disk that is too small',
      facts: server({ tools: { freeBytes: 100e6 } }),
      release: { size: 200e6 },
      problems: [/has 100 MB free for images \(\/var\/lib\/docker\), but the image takes 200 MB/],
    },
    {
      name: 'a disk that may be too small',
      facts: server({ tools: { freeBytes: 500e6 } }),
      release: { size: 200e6 },
      warnings: [/has 500 MB free .* may not be enough/],
    },
    {
      name: 'a full disk, and an image of unknown size',
      facts: server({ tools: { freeBytes: 1e6 } }),
      warnings: [/1 MB free/],
    },
    {
      name: 'a disk of unknown size',
      facts: server({ tools: { freeBytes: undefined } }),
      release: { size: 9e9 },
    },
    {
      name: 'a state directory that the login may not write to',
      facts: server({ project: { stateWritable: false } }),
      problems: [/`deploy` may not write to `\/srv\/app\/.slipway`.*install -d -o deploy -m 2770/],
    },
    {
      name: 'a project directory that the login may not write to, and a variable to set in it',
      facts: server({
        services: [web('ghcr.io/me/app:${TAG}', 'ghcr.io/me/app:v0')],
        project: { variables: [inFile('TAG', 'v0')], writable: false },
      }),
      problems: [
        /`deploy` may not write to `\/srv\/app` on the server, but .* `\/srv\/app\/.env`, which decides/,
      ],
    },
    {
      name: 'a project directory that the login may not write to',
      facts: server({ project: { writable: false } }),
    },
    {
      name: 'an interrupted deploy',
      facts: server({ project: { unfinished: true } }),
      warnings: [/An earlier deploy was interrupted/],
    },
    {
      name: 'a login whose processes logind kills',
      facts: server({ tools: { killsLeftovers: true } }),
      warnings: [/KillUserProcesses=yes.*enable-linger deploy/],
    },
    {
      name: 'a login whose processes logind kills, with a way to escape the session',
      facts: server({ tools: { killsLeftovers: true, escape: ['systemd-run'] } }),
    },
    {
      name: 'pull policies',
      facts: server({
        services: ['always', 'build', 'every_6h', 'missing', 'never', 'if_not_present'].map(pullPolicy =>
          service('web', { pullPolicy }),
        ),
      }),
      warnings: [/always`: .* asks the registry/, /build`: .* builds on the server/, /every_6h`: .* may ask/],
    },
    {
      name: 'a variable of the environment that has the value',
      facts: server({
        services: [web('ghcr.io/me/app:${TAG}', 'ghcr.io/me/app:v1')],
        project: { variables: [{ ...inFile('TAG', 'v1'), from: 'environment' }] },
      }),
      warnings: [/`TAG`, which decides the image of `web`, comes from the login.s environment/],
    },
    {
      name: 'side-cars, and more containers than declared',
      facts: server({
        services: [service('web', { sideCars: ['vpn'], containers: [container(), container()] })],
      }),
      warnings: [
        /`vpn` uses the network of `web`/,
        /has 2 running containers, but declares 1: Slipway keeps all 2/,
      ],
    },
    {
      name: 'fewer containers than declared',
      facts: server({
        services: [
          service('web', { replicas: 3, containers: [container(), container({ state: 'exited' })] }),
        ],
      }),
    },
  ]
  for (const { name, facts, release: parts, problems = [], warnings = [] } of table)
    test(name, () => {
      const { findings } = checkRelease(facts, release(['ghcr.io/me/app:v1'], parts))
      match(
        findings.problems.map(({ cause, remedy }) => `${cause} ${remedy}`),
        problems,
      )
      match(findings.warnings, warnings)
    })
})

function match(texts: readonly string[], patterns: readonly RegExp[]): void {
  assert.equal(texts.length, patterns.length, texts.join('\n') || 'nothing was found')
  for (const [index, pattern] of patterns.entries()) assert.match(texts[index] ?? '', pattern)
}

suite('platforms that an engine can run', () => {
  const table = [
    ['linux/amd64', ['linux/amd64'], true],
    ['linux/amd64', ['linux/arm64'], false],
    ['linux/amd64', ['linux/arm64', 'linux/amd64'], true],
    ['linux/amd64', ['linux/386'], true],
    ['linux/amd64', ['linux/amd64/v2'], false],
    ['linux/amd64/v3', ['linux/amd64/v2'], true],
    ['linux/amd64', ['linux/amd64/v1'], true],
    ['linux/arm64', ['linux/arm64/v8'], true],
    ['linux/arm64/v8', ['linux/arm64'], true],
    ['linux/arm64', ['linux/arm/v7'], true],
    ['linux/arm/v7', ['linux/arm64'], false],
    ['linux/arm/v7', ['linux/arm'], true],
    ['linux/arm/v6', ['linux/arm/v7'], false],
    ['linux/arm/v7', ['linux/arm/v6'], true],
    ['linux/s390x', ['linux/s390x'], true],
    ['linux/riscv64', ['linux/amd64'], false],
    ['linux/amd64', ['windows/amd64'], false],
  ] as const
  for (const [wanted, built, expected] of table)
    test(`${wanted} with ${built}`, () => assert.equal(canRun(wanted, built), expected))
})

suite('other services and projects that run the image', () => {
  const sibling = (name: string, parts: object = {}) => ({
    name,
    reference: 'ghcr.io/me/app:v1',
    template: 'ghcr.io/me/app:v1',
    enabled: true,
    exists: true,
    waitedFor: false,
    ...parts,
  })
  const neighbour = { project: 'b', directory: '/srv/b', reference: 'ghcr.io/me/app:v1' }
  const table: readonly {
    name: string
    facts: Partial<ServerFacts>
    problems?: readonly RegExp[]
    warnings?: readonly RegExp[]
  }[] = [
    { name: 'none', facts: { siblings: [sibling('db', { reference: 'postgres', template: 'postgres' })] } },
    {
      name: 'a worker that is not deployed',
      facts: { siblings: [sibling('worker')] },
      warnings: [
        /^`worker` declares the image of this deploy and is not in `service`.*`service: web, worker`/,
      ],
    },
    {
      name: 'several services',
      facts: { siblings: [sibling('worker'), sibling('beat')] },
      warnings: [/^`worker`, `beat` declare .* are not .*they keep.*`service: web, worker, beat`/],
    },
    {
      name: 'one with an inactive profile',
      facts: { siblings: [sibling('shell', { enabled: false })] },
    },
    {
      name: 'a migration that web waits for and that has run',
      facts: { siblings: [sibling('migrate', { waitedFor: true })] },
      problems: [
        /^`web` waits for `migrate` to exit .*would not run again\. Deploy both: `service: migrate, web`/,
      ],
    },
    {
      name: 'a migration that has not run yet, with the pushed image',
      facts: { siblings: [sibling('migrate', { waitedFor: true, exists: false })] },
    },
    {
      name: 'another project, reported once',
      facts: { neighbours: [neighbour, neighbour, { ...neighbour, project: 'c', reference: 'redis' }] },
      warnings: [
        /^The project `b` in `\/srv\/b` declares `ghcr.io\/me\/app:v1` too: its next `docker compose up -d` runs/,
      ],
    },
  ]
  for (const { name, facts, problems = [], warnings = [] } of table)
    test(name, () => {
      const { findings } = checkRelease({ ...server(), ...facts }, release(['ghcr.io/me/app:v1']))
      match(
        findings.problems.map(({ cause, remedy }) => `${cause} ${remedy}`),
        problems,
      )
      match(findings.warnings, warnings)
    })

  test('through the variable that this deploy sets', () => {
    const template = 'ghcr.io/me/app:${TAG}'
    const facts = server({
      services: [web(template, 'ghcr.io/me/app:v0')],
      project: { variables: [inFile('TAG', 'v0', ['web'])] },
      siblings: [sibling('worker', { template: 'ghcr.io/me/app:v2', reference: 'ghcr.io/me/app:v2' })],
    })
    match(checkRelease(facts, release(['ghcr.io/me/app:v2'])).findings.warnings, [/`worker`/])
  })

  test('for a rollback, too', () => {
    const facts = server({ siblings: [sibling('worker'), sibling('migrate', { waitedFor: true })] })
    const { warnings, problems } = checkRollback(facts, 'v1').findings
    match(warnings, [/`worker`/])
    assert.ok(!problems.some(({ cause }) => cause.includes('migrate')))
  })
})
