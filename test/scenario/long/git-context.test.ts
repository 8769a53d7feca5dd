/** A build context that the builder fetches itself, from a private repository. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Rig, rig } from '../../rig/rig.ts'
import { runAction } from '../../rig/runner.ts'
import { assertGreen } from '../expect.ts'
import { type GitServer, gitServer } from './git-server.ts'

const token = 'ghs_plantedToken0123456789'

const dockerfile = async (all: Rig) =>
  `FROM ${(await all.base()).reference}\nCOPY page /page\nRUN echo "seen: $(cat /page)"\n`

async function startServer(all: Rig): Promise<GitServer> {
  const files = {
    Dockerfile: await dockerfile(all),
    page: 'the root',
    'app/Dockerfile': await dockerfile(all),
    'app/page': 'the directory',
  }
  return await gitServer(`${all.place.network}.1`, token, files)
}

/** Runs the action in an empty workspace, without a checkout. */
async function runEmpty(all: Rig, { url, sha }: GitServer, inputs: Record<string, string>) {
  const workspace = mkdtempSync(join(tmpdir(), 'slipway-empty-'))
  const action = process.env['SLIPWAY_ACTION']
  try {
    return await runAction({
      ...(action === undefined ? {} : { action }),
      workspace,
      env: all.runner.env,
      github: { server_url: url, sha, repository: 'octo/app', ref: 'refs/heads/main' },
      with: {
        image: `${all.registry.host}/octo/git-context`,
        tags: 'latest',
        push: 'false',
        'no-cache': 'true',
        platforms: 'linux/amd64',
        ...inputs,
      },
    })
  } finally {
    rmSync(workspace, { recursive: true })
  }
}

const contexts: readonly { name: string; context: (server: GitServer) => string; seen: RegExp }[] = [
  { name: 'the commit, if nothing is checked out', context: () => '', seen: /seen: the root/ },
  { name: 'a directory of the commit', context: () => '{{defaultContext}}:app', seen: /seen: the directory/ },
  {
    name: 'a repository by its URL',
    context: ({ url }) => `${url}/octo/app.git#main:app`,
    seen: /seen: the directory/,
  },
]

for (const { name, context, seen } of contexts) {
  test(`${name}: fetched with the token, which stays hidden`, async () => {
    const all = await rig()
    await using server = await startServer(all)
    const run = await runEmpty(all, server, { context: context(server), 'github-token': token })
    assertGreen(run)
    assert.match(run.log, seen)
    assert.doesNotMatch(run.log, /plantedToken/)
  })
}

test('without a token, the repository cannot be read', async () => {
  const all = await rig()
  await using server = await startServer(all)
  const run = await runEmpty(all, server, { 'github-token': 'ghs_wrong' })
  assert.equal(run.conclusion, 'failure')
  assert.match(run.annotations[0]?.message ?? '', /repository could not be fetched.*could not read Username/)
})
