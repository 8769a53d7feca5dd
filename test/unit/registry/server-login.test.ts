/** The credentials for the server's pull: the registry permitting, never more than the pull needs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseReference, type Reference } from '../../../src/image/reference.ts'
import {
  bindServerLogin,
  serverCredentials,
  serverLoginProblem,
  tryInTurn,
} from '../../../src/registry/server-login.ts'
import { scriptedRunner } from '../buildx/scripted-runner.ts'
import { basic, client, serve } from './registry.ts'

const server = { username: 'reader', password: 'read only' }

/** Serves a registry that issues tokens, or that only takes a login. */
async function registry(tokens: boolean) {
  const scopes: (string | null)[] = []
  const { host } = await serve((request, response) => {
    const url = new URL(request.url ?? '', 'http://x')
    if (url.pathname === '/token') {
      scopes.push(url.searchParams.getAll('scope').join(' ') || null)
      const authorized = request.headers.authorization === basic('me', 'right')
      return void response
        .writeHead(authorized ? 200 : 401)
        .end(JSON.stringify({ token: `t${scopes.length}` }))
    }
    const challenge = tokens ? `Bearer realm="http://${request.headers.host}/token"` : 'Basic realm="x"'
    response.writeHead(401, { 'www-authenticate': challenge }).end()
  })
  const login = { registry: host, username: 'me', password: 'right' }
  return { host, scopes, login, pulled: parseReference(`${host}/octo/app:1`) as Reference }
}

test("a pull-only token, then the run's login", async () => {
  const { host, scopes, login, pulled } = await registry(true)
  const loggedIn = client({ logins: [login] })
  const { runtime } = scriptedRunner('')
  const first = await serverCredentials({ logins: [login] }, [pulled], loggedIn, runtime)
  assert.deepEqual(first, [[{ registry: host, token: 't2' }], [login]])
  assert.deepEqual(scopes, [null, 'repository:octo/app:pull'])
  const second = await serverCredentials({ logins: [login] }, [pulled], loggedIn, runtime)
  assert.deepEqual(second[0], [{ registry: host, token: `t${scopes.length}` }], 'a fresh token each time')
})

test("the run's login, if the registry issues no tokens", async () => {
  const { login, pulled } = await registry(false)
  const { runtime } = scriptedRunner('')
  assert.deepEqual(
    await serverCredentials({ logins: [login] }, [pulled], client({ logins: [login] }), runtime),
    [[login]],
  )
})

test("only the server's own login, if one is given", async () => {
  const { host, scopes, login, pulled } = await registry(true)
  const { runtime } = scriptedRunner('')
  const plan = { logins: [login], server: { ...server, registry: host } }
  const offered = await serverCredentials(plan, [pulled], client({ logins: [login] }), runtime)
  assert.deepEqual([offered, scopes], [[[{ registry: host, ...server }]], []])
})

test('nothing without a login or without images to pull', async () => {
  const { pulled } = await registry(true)
  const { runtime } = scriptedRunner('')
  assert.deepEqual(await serverCredentials({ logins: [] }, [pulled], client(), runtime), [[]])
  assert.deepEqual(await serverCredentials({ logins: [] }, [], client(), runtime), [[]])
})

test('one credential per registry, and one token for all of its repositories', async () => {
  const [tokens, basics] = [await registry(true), await registry(false)]
  const logins = [tokens.login, basics.login]
  const other = parseReference(`${tokens.host}/octo/api:2`) as Reference
  const { runtime } = scriptedRunner('')
  const pulled = [tokens.pulled, basics.pulled, other]
  const offered = await serverCredentials({ logins }, pulled, client({ logins }), runtime)
  assert.deepEqual(offered, [[{ registry: tokens.host, token: 't2' }, basics.login], logins])
  // The server's own login is for one registry and must not be sent to another.
  const own = await serverCredentials(
    { logins, server: { ...server, registry: basics.host } },
    [basics.pulled, tokens.pulled],
    client({ logins }),
    runtime,
  )
  assert.deepEqual(own[0][0], { registry: basics.host, ...server })
  assert.deepEqual(own[1], [{ registry: basics.host, ...server }, tokens.login])
})

for (const { name, release, named, bound } of [
  { name: 'the only registry', release: ['ghcr.io/me/a', 'ghcr.io/me/b'], bound: 'ghcr.io' },
  {
    name: 'the only registry, whatever `registry` names',
    release: ['ghcr.io/me/a'],
    named: 'docker.io',
    bound: 'ghcr.io',
  },
  {
    name: 'the one of two that `registry` names',
    release: ['docker.io/me/a', 'ghcr.io/me/b'],
    named: 'ghcr.io',
    bound: 'ghcr.io',
  },
  { name: 'neither of two', release: ['docker.io/me/a', 'ghcr.io/me/b'], bound: undefined },
  {
    name: 'neither of two, if `registry` names a third',
    release: ['docker.io/me/a', 'ghcr.io/me/b'],
    named: 'quay.io',
    bound: undefined,
  },
])
  test(`the server's own login is for ${name}`, () => {
    const given = { ...server, ...(named === undefined ? {} : { registry: named }) }
    const references = release.map(text => parseReference(text) as Reference)
    assert.equal(bindServerLogin(given, references)?.registry, bound)
    const problem = serverLoginProblem(given, references)
    assert.equal(problem?.input, bound === undefined ? 'server-registry-username' : undefined)
    assert.doesNotMatch(JSON.stringify(problem ?? ''), /read only/)
  })

const token = { registry: 'ghcr.io', token: 't' }
const login = { registry: 'ghcr.io', username: 'me', password: 'secret' }

for (const { name, results, seen, warns } of [
  { name: 'is accepted', results: ['ok'], seen: [[token]], warns: false },
  { name: 'has expired', results: ['denied', 'ok'], seen: [[token], [login]], warns: true },
  {
    name: 'is refused, and so is the login',
    results: ['denied', 'denied'],
    seen: [[token], [login]],
    warns: true,
  },
])
  test(`a token that ${name}`, async () => {
    const remaining = [...results]
    const offered: unknown[] = []
    const bench = scriptedRunner('')
    const attempt = (offer: unknown) => {
      offered.push(offer)
      return Promise.resolve(remaining.shift())
    }
    const result = await tryInTurn([[token], [login]], attempt, each => each === 'denied', bench.runtime.log)
    assert.deepEqual([result, offered], [results.at(-1), seen])
    assert.equal(/tries again with the login of `me`/.test(bench.log()), warns)
    assert.doesNotMatch(bench.log(), /secret/)
  })
