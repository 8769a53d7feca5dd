import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Failure } from '../../../src/core/errors.ts'
import type { Undo } from '../../../src/core/runtime.ts'
import type { Client } from '../../../src/registry/client.ts'
import { openConfig, privateConfig } from '../../../src/registry/config.ts'
import { login, loginCommand, preferJobLogins } from '../../../src/registry/login.ts'
import { undo } from '../../../src/undo.ts'
import { type ScriptedRunner, scriptedRunner } from '../buildx/scripted-runner.ts'
import { basic, client, serve } from './registry.ts'

const me = { registry: 'ghcr.io', username: 'me', password: 'pa$s "wörd"' }
const forStep = { logins: [me], loginScope: 'step' } as const
const forJob = { logins: [me], loginScope: 'job' } as const
const auth = Buffer.from(`me:${me.password}`).toString('base64')

/** A client that cannot reach the registry, so that `docker login` decides. */
const unreachable: Pick<Client, 'send'> = { send: () => Promise.reject(new Error('unreachable')) }

test('the password is passed only on stdin', () => {
  assert.deepEqual(loginCommand(me), {
    file: 'docker',
    args: ['login', 'ghcr.io', '--username', 'me', '--password-stdin'],
    stdin: me.password,
  })
})

/** A fake docker whose login and logout write config.json, and which records its stdin and argv. */
const docker = `
config=\${DOCKER_CONFIG:-$HOME/.docker}
case $1 in
  login) cat >"$here/stdin"; echo "$@" >>"$here/argv"; echo '{"auths":{"ghcr.io":{"auth":"new"}}}' >"$config/config.json" ;;
  logout) echo '{"auths":{}}' >"$config/config.json" ;;
esac`

function withConfig(bench: ScriptedRunner, content: object): string {
  const directory = join(bench.directory, '.docker')
  mkdirSync(join(directory, 'contexts'), { recursive: true })
  mkdirSync(join(directory, 'cli-plugins'))
  writeFileSync(join(directory, 'cli-plugins/docker-buildx'), '')
  mkdirSync(join(directory, 'buildx'))
  writeFileSync(join(directory, 'config.json'), JSON.stringify(content))
  return directory
}

const config = (directory: string) =>
  JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8')) as unknown

test("a step logs in to a private copy, and the runner's configuration stays as it was", async () => {
  const bench = scriptedRunner(docker)
  const had = {
    auths: { 'https://index.docker.io/v1/': { auth: 'hub' } },
    currentContext: 'mine',
    proxies: {},
  }
  const original = withConfig(bench, had)
  const opened = await openConfig(bench.runtime, forStep)
  assert.deepEqual(config(opened.directory), { ...had, auths: { ...had.auths, 'ghcr.io': { auth } } })
  assert.equal(statSync(opened.directory).mode & 0o777, 0o700)
  assert.equal(statSync(join(opened.directory, 'config.json')).mode & 0o777, 0o600)
  assert.deepEqual(opened.env, { DOCKER_CONFIG: opened.directory, BUILDX_CONFIG: join(original, 'buildx') })
  for (const shared of ['contexts', 'cli-plugins/docker-buildx']) {
    assert.equal(realpathSync(join(opened.directory, shared)), realpathSync(join(original, shared)))
  }
  assert.equal(existsSync(join(opened.directory, 'buildx')), false)
  await login(bench.runtime, forStep, opened, unreachable)
  assert.equal(readFileSync(join(bench.directory, 'stdin'), 'utf8'), me.password)
  assert.doesNotMatch(readFileSync(join(bench.directory, 'argv'), 'utf8'), /wörd/)
  assert.deepEqual(config(original), had)
  for (const record of bench.undos) if (record.kind !== 'run') await undo(bench.runtime.run, record)
  assert.deepEqual(
    readdirSync(bench.directory).filter(name => name.startsWith('slipway-')),
    [],
  )
  assert.deepEqual(readdirSync(original).sort(), ['buildx', 'cli-plugins', 'config.json', 'contexts'])
})

test('a runner without a docker configuration', async () => {
  const opened = await openConfig(scriptedRunner(docker).runtime, forStep)
  assert.deepEqual(config(opened.directory), { auths: { 'ghcr.io': { auth } } })
})

test('a configuration that is not JSON is rejected', async () => {
  const bench = scriptedRunner(docker)
  writeFileSync(join(withConfig(bench, {}), 'config.json'), '{')
  await assert.rejects(openConfig(bench.runtime, forStep), Failure)
})

const hub = { registry: 'docker.io', username: 'you', password: 'p' }
const auths = { 'ghcr.io': { auth }, 'https://index.docker.io/v1/': { auth: btoa('you:p') } }

const stores: readonly { name: string; had: Record<string, unknown>; expected: object }[] = [
  { name: 'none', had: {}, expected: {} },
  {
    name: 'none, and other logins',
    had: { auths: { 'ghcr.io': { auth: 'old' }, 'gcr.io': { auth: 'theirs' } } },
    expected: { auths: { ...auths, 'gcr.io': { auth: 'theirs' } } },
  },
  {
    name: 'none, and extra plugin directories',
    had: { cliPluginsExtraDirs: ['/theirs'] },
    expected: { cliPluginsExtraDirs: ['/plugins', '/theirs'] },
  },
  {
    name: 'one for all registries',
    had: { credsStore: 'secretservice' },
    expected: {
      credsStore: 'secretservice',
      credHelpers: { 'ghcr.io': '', 'https://index.docker.io/v1/': '' },
    },
  },
  {
    name: 'one for this registry, one for another',
    had: { credHelpers: { 'ghcr.io': 'a', 'gcr.io': 'gcloud' } },
    expected: { credHelpers: { 'ghcr.io': '', 'gcr.io': 'gcloud', 'https://index.docker.io/v1/': '' } },
  },
]

for (const { name, had, expected } of stores) {
  test(`a login stays out of the runner's credential store: ${name}`, () => {
    assert.deepEqual(privateConfig(had, [me, hub], '/plugins'), { auths, ...expected })
  })
}

test("without a login the runner's logins stay as they are", () => {
  assert.deepEqual(privateConfig({ credsStore: 'secretservice' }, [], '/plugins'), {
    credsStore: 'secretservice',
    credHelpers: {},
  })
})

const basicChallenge = { 'www-authenticate': 'Basic realm="x"' }

/** The answers of a registry for `/v2/` and `/token`, and whether `docker login` has to run. */
const registries: readonly {
  name: string
  answer: (
    authorization: string | undefined,
    host: string,
    path: string,
  ) => readonly [number, object?, string?]
  runsDocker: boolean
}[] = [
  { name: 'Basic', answer: auth => [auth === right ? 200 : 401, basicChallenge], runsDocker: false },
  { name: 'Basic, refused', answer: () => [401, basicChallenge], runsDocker: true },
  {
    name: 'Bearer, with a token without a scope',
    answer: (auth, host, path) =>
      path.startsWith('/token')
        ? [auth === right && !path.includes('scope') ? 200 : 403, {}, '{"token":"t"}']
        : [auth === 'Bearer t' ? 200 : 401, bearerChallenge(host)],
    runsDocker: false,
  },
  {
    name: 'Bearer, refused',
    answer: (_, host, path) => (path.startsWith('/token') ? [403] : [401, bearerChallenge(host)]),
    runsDocker: true,
  },
  {
    name: 'Bearer, whose token the registry refuses',
    answer: (_, host, path) =>
      path.startsWith('/token') ? [200, {}, '{"token":"t"}'] : [401, bearerChallenge(host)],
    runsDocker: true,
  },
  {
    name: 'Bearer, refused with status 200',
    answer: (_, host, path) =>
      path.startsWith('/token') ? [200, {}, '{"error":"unauthorized"}'] : [401, bearerChallenge(host)],
    runsDocker: true,
  },
  { name: 'a registry without logins', answer: () => [200], runsDocker: false },
  { name: 'a registry at its rate limit', answer: () => [429], runsDocker: true },
]

const right = basic(me.username, me.password)
const bearerChallenge = (host: string) => ({
  'www-authenticate': `Bearer realm="http://${host}/token",service="registry"`,
})

for (const { name, answer, runsDocker } of registries) {
  test(`docker login is${runsDocker ? '' : ' not'} run: ${name}`, async () => {
    const bench = scriptedRunner(docker)
    const { host } = await serve(({ headers, url = '' }, response) => {
      const [status, more = {}, body = ''] = answer(headers.authorization, headers.host ?? '', url)
      response.writeHead(status, { ...more }).end(body)
    })
    const logins = [{ ...me, registry: host }]
    const opened = await openConfig(bench.runtime, { logins, loginScope: 'step' })
    assert.deepEqual(config(opened.directory), { auths: { [host]: { auth } } })
    await login(bench.runtime, { logins, loginScope: 'step' }, opened, client({ logins }))
    assert.equal(existsSync(join(bench.directory, 'argv')), runsDocker)
    assert.match(bench.log(), runsDocker ? /docker login/ : new RegExp(`Logged in to ${host} as me`))
    assert.doesNotMatch(bench.log(), /wörd/)
  })
}

/** docker's configuration before the login of a job, and after its end. */
const before: readonly { name: string; had: object; after: unknown }[] = [
  { name: 'nothing', had: {}, after: { auths: {} } },
  {
    name: 'a login',
    had: { auths: { 'ghcr.io': { auth: 'old' } } },
    after: { auths: { 'ghcr.io': { auth: 'old' } } },
  },
]

for (const { name, had, after } of before) {
  test(`login: job restores ${name}`, async () => {
    const bench = scriptedRunner(docker)
    const original = withConfig(bench, had)
    const opened = await openConfig(bench.runtime, forJob)
    assert.deepEqual(opened, { directory: original, env: {} })
    await login(bench.runtime, forJob, opened, unreachable)
    assert.deepEqual(config(original), { auths: { 'ghcr.io': { auth: 'new' } } })
    assert.doesNotMatch(JSON.stringify(bench.undos), /old|wörd/)
    for (const record of restored(bench.undos)) await undo(bench.runtime.run, record)
    assert.deepEqual(config(original), after)
    assert.deepEqual(
      readdirSync(bench.directory).filter(each => each.startsWith('slipway-')),
      [],
    )
  })
}

test('login: job restores the login of a credential store', async () => {
  const bench = scriptedRunner(docker)
  const original = withConfig(bench, { credsStore: 'test' })
  const helper = join(bench.directory, 'docker-credential-test')
  const got = '{"ServerURL":"ghcr.io","Username":"old","Secret":"s"}'
  const script = `#!/bin/sh\nif [ "$1" = get ]; then cat >/dev/null; echo '${got}'; else cat >'${join(bench.directory, 'stored')}'; fi\n`
  writeFileSync(helper, script, { mode: 0o755 })
  const runtime = {
    ...bench.runtime,
    run: (command: Parameters<typeof bench.runtime.run>[0]) =>
      bench.runtime.run({
        ...command,
        file: command.file === 'docker-credential-test' ? helper : command.file,
      }),
  }
  await login(runtime, forJob, { directory: original, env: {} }, unreachable)
  for (const record of restored(bench.undos)) await undo(runtime.run, record)
  assert.deepEqual(JSON.parse(readFileSync(join(bench.directory, 'stored'), 'utf8')), JSON.parse(got))
})

const restored = (undos: readonly Undo[]) => undos.filter(record => record.kind !== 'run').reverse()

const refusals: readonly { name: string; registry: string; stderr: string; cause: RegExp; remedy: RegExp }[] =
  [
    {
      name: 'a wrong password',
      registry: 'registry.example.com',
      stderr:
        'Error response from daemon: login attempt to https://registry.example.com/v2/ failed with status: 401 Unauthorized',
      cause: /registry.example.com refused the login of `me`/,
      remedy: /registry-password/,
    },
    {
      name: 'ghcr.io',
      registry: 'ghcr.io',
      stderr: 'Error response from daemon: Get "https://ghcr.io/v2/": denied: denied',
      cause: /ghcr.io refused/,
      remedy: /packages: write/,
    },
    {
      name: 'Docker Hub',
      registry: 'docker.io',
      stderr: 'Error response from daemon: unauthorized: incorrect username or password',
      cause: /docker.io refused/,
      remedy: /access token/,
    },
    {
      name: 'an unknown host',
      registry: 'nope.example',
      stderr:
        'Error response from daemon: Get "https://nope.example/v2/": dial tcp: lookup nope.example: no such host',
      cause: /could not be resolved/,
      remedy: /registry/,
    },
  ]

for (const { name, registry, stderr, cause, remedy } of refusals) {
  test(`refused: ${name}`, async () => {
    const bench = scriptedRunner(`cat >/dev/null; echo '${stderr}' >&2; exit 1`)
    const plan = { logins: [{ ...me, registry }], loginScope: 'step' } as const
    await assert.rejects(
      login(bench.runtime, plan, { directory: bench.directory, env: {} }, unreachable),
      error => {
        assert.ok(error instanceof Failure)
        assert.equal(error.stage, 'preflight')
        assert.match(error.problems[0]?.cause ?? '', cause)
        assert.match(error.problems[0]?.remedy ?? '', remedy)
        assert.doesNotMatch(JSON.stringify(error.problems) + bench.log(), /wörd/)
        return true
      },
    )
  })
}

test('a login that fails temporarily is retried', async () => {
  const fault = 'Error response from daemon: Get "https://ghcr.io/v2/": net/http: TLS handshake timeout'
  const once = `cat >/dev/null; echo . >>"$here/tries"; [ "$(wc -l <"$here/tries")" != 1 ] || { echo '${fault}' >&2; exit 1; }`
  const bench = scriptedRunner(once)
  await login(bench.runtime, forStep, { directory: bench.directory, env: {} }, unreachable)
  assert.equal(readFileSync(join(bench.directory, 'tries'), 'utf8'), '.\n.\n')
  assert.match(bench.log(), /Trying again/)
})

test('a cancelled run does not start docker login', async () => {
  const bench = scriptedRunner(docker)
  const client: Pick<Client, 'send'> = {
    async send() {
      bench.cancel()
      throw new Error('cancelled')
    },
  }
  await assert.rejects(login(bench.runtime, forStep, { directory: bench.directory, env: {} }, client))
  assert.doesNotMatch(bench.log(), /docker login/)
})

test('all refused logins are reported together', async () => {
  const bench = scriptedRunner(`cat >/dev/null; echo 'Error response from daemon: unauthorized' >&2; exit 1`)
  const plan = { logins: [me, { ...me, registry: 'docker.io' }], loginScope: 'step' } as const
  await assert.rejects(
    login(bench.runtime, plan, { directory: bench.directory, env: {} }, unreachable),
    error => {
      assert.ok(error instanceof Failure)
      assert.equal(error.problems.length, 2)
      return true
    },
  )
})

/** Whether an earlier step has logged in, and the status with which the registry answers a login. */
const jobs: readonly { name: string; had: boolean; implied: boolean; status: number; uses: string }[] = [
  {
    name: 'a login of an earlier step replaces the run’s own token',
    had: true,
    implied: true,
    status: 200,
    uses: 'them',
  },
  {
    name: 'a login from the inputs takes precedence over both',
    had: true,
    implied: false,
    status: 200,
    uses: 'octo',
  },
  { name: 'without one, the token is used', had: false, implied: true, status: 200, uses: 'octo' },
  {
    name: 'a login that the registry refuses is ignored',
    had: true,
    implied: true,
    status: 401,
    uses: 'octo',
  },
]

for (const { name, had, implied, status, uses } of jobs)
  test(`logins of the job: ${name}`, async () => {
    const { host } = await serve((request, response) => {
      const authorized = request.headers.authorization !== undefined
      response.writeHead(authorized ? status : 401, { 'www-authenticate': 'Basic realm="x"' }).end()
    })
    const bench = scriptedRunner(docker)
    const auths = had ? { [host]: { auth: Buffer.from('them:theirs').toString('base64') } } : {}
    withConfig(bench, { auths })
    const own = {
      registry: host,
      username: 'octo',
      password: 'token',
      ...(implied ? { implied: true as const } : {}),
    }
    const insecure = { hosts: [], cidrs: ['127.0.0.0/8'] }
    const { logins } = await preferJobLogins(bench.runtime, { logins: [own], loginScope: 'step' }, insecure)
    assert.deepEqual(
      logins.map(({ username }) => username),
      [uses],
    )
  })
