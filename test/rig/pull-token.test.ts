/** Every engine can pull with a pull-only token instead of a login, so the server never gets the password. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attempt } from './command.ts'
import { rig } from './rig.ts'

const all = await rig()
const registry = await all.tokenRegistry()
const { digest, reference } = await all.base(registry)
const repository = reference.slice(registry.host.length + 1).replace(/:[^:/]*$/, '')

async function tokenFor(scope: string): Promise<string> {
  const login = Buffer.from(`${registry.username}:${registry.password}`).toString('base64')
  const answer = await fetch(`${registry.url}/token?service=rig&scope=${scope}`, {
    headers: { authorization: `Basic ${login}` },
  })
  return ((await answer.json()) as { token: string }).token
}

for (const which of ['modern', 'trixie', 'old'] as const)
  test(`the engine of the server "${which}" pulls with only a token`, async () => {
    const server = await all.server(which)
    const image = `${registry.host}/${repository}@${digest}`
    const pull = async (auth: object) => {
      const config = JSON.stringify({ auths: { [registry.host]: auth } })
      const file = ['-F', 'none', '-i', server.access.key.file]
      const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'BatchMode=yes']
      const to = [...file, ...options.flatMap(each => ['-o', each]), `deploy@${server.address}`]
      const command = `docker rmi ${image} >/dev/null 2>&1; d=$(mktemp -d) && ln -s /dev/stdin "$d/config.json" && docker --config "$d" pull ${image}; code=$?; rm -r "$d"; exit $code`
      return await attempt('ssh', [...to, command], { stdin: config, timeout: 60_000 })
    }
    const scope = `repository:${repository}:pull`
    // These come first: an engine asks no registry for what it still has from a pull that succeeded.
    for (const token of ['wrong', await tokenFor('repository:octo/other:pull')]) {
      const { code, stdout, stderr } = await pull({ registrytoken: token })
      assert.notEqual(code, 0, stdout)
      assert.match(stdout + stderr, /unauthorized|authentication required|denied|401/i)
    }
    const good = await pull({ registrytoken: await tokenFor(scope) })
    assert.equal(good.code, 0, good.stderr)
    await server.docker('rmi', image)
  })
