import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Context } from '../../../src/core/context.ts'
import { noFindings } from '../../../src/core/findings.ts'
import { registryHost } from '../../../src/image/reference.ts'
import type { InputName } from '../../../src/inputs/inputs.ts'
import { isOwnRegistry } from '../../../src/registry/hosts.ts'
import { planRegistry } from '../../../src/registry/plan.ts'
import { context } from '../buildx/planned.ts'
import { inputsOf } from '../image/events.ts'

type Given = Partial<Record<InputName, string>>

const me: Context = { ...context, actor: 'octocat' }
const fork: Context = {
  ...me,
  eventName: 'pull_request',
  payload: { pull_request: { head: { repo: { full_name: 'x/y' } } } },
}

const images = (registries: readonly string[]) => registries.map(registry => ({ registry, repository: 'a' }))

async function planned(given: Given, registries: string[], run = me) {
  const findings = noFindings()
  const plan = await planRegistry(inputsOf(given), run, { used: images(registries), disabled: [] }, findings)
  return { ...plan, findings }
}

const token = { 'github-token': 'ghs' }
const alone = { 'registry-username': 'me', 'registry-password': 'p' }
const user = { ...alone, image: 'a.example/me/app' }

const plans: readonly {
  name: string
  given: Given
  registries: string[]
  run?: Context
  logins: string[]
}[] = [
  {
    name: "the forge's own registry, with the run's token",
    given: token,
    registries: ['ghcr.io'],
    logins: ['octocat:ghs@ghcr.io'],
  },
  { name: 'no token', given: {}, registries: ['ghcr.io'], logins: [] },
  {
    name: 'other registries never get the token',
    given: token,
    registries: ['docker.io', 'ghcr.io.example.com'],
    logins: [],
  },
  {
    name: 'ghcr.io does not belong to another forge',
    given: token,
    registries: ['ghcr.io', 'containers.git.example.com', 'git.example.com'],
    run: { ...me, serverUrl: 'https://git.example.com' },
    logins: ['octocat:ghs@containers.git.example.com', 'octocat:ghs@git.example.com'],
  },
  {
    name: "the image's registry",
    given: user,
    registries: ['localhost:5000'],
    logins: ['me:p@localhost:5000'],
  },
  {
    name: 'the registry of `registry`',
    given: { ...user, registry: 'https://Registry.Example.com/v2/' },
    registries: ['docker.io', 'ghcr.io'],
    logins: ['me:p@registry.example.com'],
  },
  {
    name: 'a login from the inputs instead of the token',
    given: { ...user, ...token },
    registries: ['ghcr.io'],
    logins: ['me:p@ghcr.io'],
  },
  {
    name: "only a password, for the forge's own registry",
    given: { 'registry-password': 'p' },
    registries: ['ghcr.io'],
    logins: ['octocat:p@ghcr.io'],
  },
  {
    name: 'a GitHub token, and nothing names a registry',
    given: { ...alone, 'registry-password': 'ghp_1' },
    registries: ['ghcr.io'],
    logins: ['me:ghp_1@ghcr.io'],
  },
  {
    name: "the run's own token, without a known prefix",
    given: { ...alone, 'registry-password': 't', 'github-token': 't' },
    registries: ['ghcr.io'],
    logins: ['me:t@ghcr.io'],
  },
  {
    name: 'the name of an output',
    given: { ...alone, outputs: 'type=registry,name=a.example/me/app' },
    registries: ['a.example'],
    logins: ['me:p@a.example'],
  },
  {
    name: 'the registry of full references in `tags`',
    given: { ...alone, tags: 'ghcr.io/me/app:1' },
    registries: ['ghcr.io'],
    logins: ['me:p@ghcr.io'],
  },
  {
    name: 'all names of Docker Hub are the same registry',
    given: { ...user, registry: 'index.docker.io' },
    registries: ['docker.io'],
    logins: ['me:p@docker.io'],
  },
  {
    name: 'several in registry-auth, and the token for the remaining registry',
    given: {
      ...token,
      'registry-auth': '- username: hub\n  password: h\n- registry: quay.io\n  username: 12\n  password: "q"',
    },
    registries: ['docker.io', 'ghcr.io'],
    logins: ['hub:h@docker.io', '12:q@quay.io', 'octocat:ghs@ghcr.io'],
  },
  {
    name: "ECR's own password",
    given: {
      'registry-auth': '- registry: 1.dkr.ecr.eu-west-1.amazonaws.com\n  username: AWS\n  password: x',
    },
    registries: [],
    logins: ['AWS:x@1.dkr.ecr.eu-west-1.amazonaws.com'],
  },
]

for (const { name, given, registries, run, logins } of plans) {
  test(`logins: ${name}`, async () => {
    const plan = await planned(given, registries, run)
    assert.deepEqual(plan.findings, { problems: [], warnings: [] })
    assert.deepEqual(
      plan.logins.map(({ registry, username, password }) => `${username}:${password}@${registry}`),
      logins,
    )
  })
}

const problems: readonly {
  name: string
  given: Given
  registries: string[]
  input: InputName
  cause: RegExp
}[] = [
  {
    name: 'one password for several registries',
    given: user,
    registries: ['docker.io', 'ghcr.io'],
    input: 'registry-password',
    cause: /docker.io and ghcr.io/,
  },
  {
    name: 'an empty password',
    given: { 'registry-username': 'me' },
    registries: ['a.example'],
    input: 'registry-password',
    cause: /is empty/,
  },
  {
    name: 'no user',
    given: { 'registry-password': 'p' },
    registries: ['a.example'],
    input: 'registry-username',
    cause: /a.example needs one/,
  },
  {
    name: 'not a list',
    given: { 'registry-auth': 'secret-word' },
    registries: [],
    input: 'registry-auth',
    cause: /is not a YAML list/,
  },
  {
    name: 'not YAML',
    given: { 'registry-auth': '- "secret-word' },
    registries: [],
    input: 'registry-auth',
    cause: /is not a YAML list/,
  },
  {
    name: 'an empty password in the list',
    given: { 'registry-auth': '- registry: a.example\n  username: me\n  password:' },
    registries: [],
    input: 'registry-auth',
    cause: /Login 1 .* a.example, has no password/,
  },
  {
    name: 'ECR without its login',
    given: {
      'registry-auth':
        '- registry: 1.dkr.ecr.eu-west-1.amazonaws.com\n  username: key\n  password: secret-word',
    },
    registries: [],
    input: 'registry-auth',
    cause: /ECR/,
  },
  {
    name: 'ECR with the keys of AWS',
    given: { 'registry-username': 'AKIA', 'registry-password': 'secret-word', registry: 'public.ecr.aws' },
    registries: [],
    input: 'registry-username',
    cause: /public.ecr.aws belongs to Amazon ECR/,
  },
  {
    name: 'ECR in China with the keys of AWS, by its image',
    given: { ...user, 'registry-password': 'secret-word' },
    registries: ['1.dkr.ecr.cn-north-1.amazonaws.com.cn'],
    input: 'registry-username',
    cause: /ECR/,
  },
  {
    name: "a login that may be for Docker Hub, with the default image on the forge's registry",
    given: { ...alone, 'registry-password': 'secret-word', ...token },
    registries: ['ghcr.io'],
    input: 'registry-username',
    cause: /nothing says that it is for ghcr.io/,
  },
  {
    name: 'two logins for one registry',
    given: { ...user, 'registry-auth': '- registry: a.example\n  username: me\n  password: secret-word' },
    registries: ['a.example'],
    input: 'registry-auth',
    cause: /two logins for a.example/,
  },
  {
    name: 'an unknown value of `login`',
    given: { login: 'always' },
    registries: [],
    input: 'login',
    cause: /`always`/,
  },
]

for (const { name, given, registries, input, cause } of problems) {
  test(`problem: ${name}`, async () => {
    const { findings } = await planned(given, registries)
    assert.equal(findings.problems.length, 1)
    assert.equal(findings.problems[0]?.input, input)
    assert.match(findings.problems[0]?.cause ?? '', cause)
    assert.doesNotMatch(JSON.stringify(findings), /secret-word/)
  })
}

test('a fork gets no password, which is only a warning', async () => {
  const { logins, findings } = await planned({ 'registry-username': 'me' }, ['a.example'], fork)
  assert.deepEqual([logins, findings.problems], [[], []])
  assert.match(findings.warnings.join(), /does not log in/)
})

for (const [name, run] of [
  ['a fork', fork],
  [
    'Dependabot',
    {
      ...me,
      eventName: 'pull_request',
      payload: { pull_request: { head: { repo: { full_name: me.repository } } } },
      actor: 'dependabot[bot]',
    },
  ],
] as const) {
  test(`${name}: incomplete logins of registry-auth are skipped, the others are used`, async () => {
    const list =
      '- registry: a.example\n  username: me\n  password: ""\n- registry: b.example\n  username: me\n  password: x'
    const { logins, findings } = await planned({ 'registry-auth': list }, ['a.example'], run)
    assert.deepEqual(findings.problems, [])
    assert.deepEqual(
      logins.map(({ registry }) => registry),
      ['b.example'],
    )
    assert.match(findings.warnings.join(), /Login 1 .* a.example, has no password.* no secrets/)
  })
}

test('an incomplete Amazon ECR login is skipped for a fork, too', async () => {
  const list = '- registry: 1.dkr.ecr.eu-west-1.amazonaws.com\n  username: ""\n  password: ""\n  ecr: true'
  const { logins, findings } = await planned({ 'registry-auth': list }, ['a.example'], fork)
  assert.deepEqual([logins, findings.problems], [[], []])
  assert.match(findings.warnings.join(), /Login 1 .* has no username and no password.* no secrets/)
  const { findings: own } = await planned({ 'registry-auth': list }, ['a.example'])
  assert.match(own.problems[0]?.cause ?? '', /Amazon ECR/)
})

const plain: readonly { name: string; list: string; password: string }[] = [
  { name: 'leading zeros', list: 'password: 0012', password: '0012' },
  { name: 'a power of ten', list: 'password: 1e3', password: '1e3' },
  { name: 'a date', list: 'password: 2001-01-01', password: '2001-01-01' },
  { name: 'a boolean', list: 'password: yes', password: 'yes' },
  { name: 'null', list: 'password: null', password: 'null' },
  {
    name: 'a JSON key',
    list: 'password: {"type": "service_account", "private_key": "a\\nb"}',
    password: '{"type":"service_account","private_key":"a\\nb"}',
  },
]

for (const { name, list, password } of plain)
  test(`registry-auth: an unquoted password is text: ${name}`, async () => {
    const text = `- registry: a.example\n  username: 007\n  ${list}`
    const { logins, findings } = await planned({ 'registry-auth': text }, ['a.example'])
    assert.deepEqual(findings.problems, [])
    assert.deepEqual(logins, [{ registry: 'a.example', username: '007', password }])
  })

for (const { name, given, input } of [
  { name: 'no password', given: { 'server-registry-username': 'reader' }, input: 'server-registry-password' },
  { name: 'no username', given: { 'server-registry-password': 'p' }, input: 'server-registry-username' },
  {
    name: 'no login wanted',
    given: { 'server-registry-username': 'r', 'server-registry-password': 'p', 'server-login': 'false' },
    input: 'server-login',
  },
])
  test(`the server's own login, incomplete: ${name}`, async () => {
    const { findings, server } = await planned(given, ['a.example'])
    assert.deepEqual([findings.problems.map(problem => problem.input), server], [[input], undefined])
    assert.deepEqual(
      (await planned(given, ['a.example'], fork)).findings.problems.length,
      name === 'no login wanted' ? 1 : 0,
    )
  })

test("the server's own login", async () => {
  const given = { 'server-registry-username': 'reader', 'server-registry-password': 'p' }
  const { server, findings } = await planned(given, ['a.example'])
  assert.deepEqual([server, findings.problems], [{ username: 'reader', password: 'p' }, []])
})

test('login sets the scope of the logins', async () => {
  assert.equal((await planned({}, [])).loginScope, 'step')
  assert.equal((await planned({ login: 'job' }, [])).loginScope, 'job')
})

const hosts: readonly [string, string][] = [
  ['ghcr.io', 'ghcr.io'],
  ['https://ghcr.io/', 'ghcr.io'],
  ['https://index.docker.io/v1/', 'docker.io'],
  ['registry-1.docker.io', 'docker.io'],
  ['registry.hub.docker.com', 'docker.io'],
  ['hub.docker.com', 'docker.io'],
  ['LOCALHOST:5000', 'localhost:5000'],
  ['registry.gitlab.com/group/project', 'registry.gitlab.com'],
]

for (const [text, host] of hosts) test(`host: ${text}`, () => assert.equal(registryHost(text), host))

test('an unknown forge owns no registry', () => {
  assert.equal(isOwnRegistry('', { ...me, serverUrl: '' }), false)
})
