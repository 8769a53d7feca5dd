import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, suite, test } from 'node:test'
import { rig } from '../rig/rig.ts'
import type { ActionOptions, ActionRun } from '../rig/runner.ts'
import { assertClean } from './expect.ts'
import { callsOnServer, openPlanted } from './planted.ts'
import { crashAfter, openSite, type Site, serve, ship, withoutHealthcheck } from './site.ts'
import { recordDocker, watchProcesses } from './watch.ts'

// Searches everything that is visible on the runner and the server for planted secrets, during and after the run.

const all = await rig()
const planted = await openPlanted(all)
after(() => planted[Symbol.asyncDispose]())

interface Case {
  readonly name: string
  readonly conclusion: ActionRun['conclusion']
  readonly run?: string
  readonly with?: Readonly<Record<string, string>>
  readonly onLine?: ActionOptions['onLine']
  /** Additional lines for `web` in the compose file. */
  readonly service?: string
  readonly says?: RegExp
}

const byPassword = {
  'ssh-host': `password@${planted.server.address}`,
  'ssh-key': '',
  'ssh-passphrase': '',
  'ssh-password': planted.loginPassword,
}

const cases: readonly Case[] = [
  { name: 'a deploy by key', conclusion: 'success' },
  { name: 'a deploy by password', conclusion: 'success', with: byPassword },
  { name: 'a failing release', conclusion: 'failure', run: crashAfter(0) },
  {
    name: 'a rejected login',
    conclusion: 'failure',
    with: { 'ssh-passphrase': `${planted.passphrase}-not` },
  },
  {
    name: 'a cancel',
    conclusion: 'cancelled',
    with: { stability: '5' },
    onLine: (line, action, phase) => phase === 'main' && line.startsWith('Health check: ') && action.cancel(),
  },
  {
    name: 'a command in the new image that prints settings and fails',
    conclusion: 'failure',
    with: { 'run-before': `web sh -c 'echo "the hook says $PLANTED, $PLANTED_TEXT"; exit 1'` },
    service: '    env_file: .env\n',
    says: /the hook says \*\*\*, \*\*\*\n.*\*\*\*$/m,
  },
]

/** Processes that get secrets in their environment: the action (its inputs), and a container (its `env_file`). */
const expectedOwners = /\/(?:main|post)\.cjs|^sh\W-c\Wecho "the hook says/

suite('no secret is visible in', () => {
  for (const { name, conclusion, run: lines = serve, with: inputs = {}, onLine, service, says } of cases) {
    test(name, async () => {
      await using site = await openSite('planted', {
        server: planted.server,
        compose: site => withoutHealthcheck({ ...site, image: imageOf(site) }) + (service ?? ''),
      })
      await site.sh('chmod 777 .')
      using docker = recordDocker(`${all.runner.env.PATH.split(':')[0]}/docker`)
      const watch = watchProcesses([...planted.words, ...planted.settings], expectedOwners)
      const run = await ship(site, await source(lines), {
        env: { ...all.runner.env, PATH: `${docker.directory}:${all.runner.env.PATH}` },
        github: { token: planted.token },
        with: { ...inputsOf(site), ...inputs },
        ...(onLine === undefined ? {} : { onLine }),
      })
      assert.deepEqual(watch.end(), [])
      assert.equal(run.conclusion, conclusion, run.log)
      assertClean(run)
      if (says !== undefined) assert.match(run.log, says)
      assertNoSecrets(visible(run), 'the output of the step')
      assert.match(docker.calls(), /called with <info>/)
      assertNoSecrets(docker.calls(), 'a call of docker on the runner')
      const { stdout: calls } = await site.server.exec(`cat ${callsOnServer}`)
      if (conclusion === 'success') assert.match(calls, /called with/)
      const { stdout: set } = await site.server.exec(`cat ${site.directory}/.env`)
      if (conclusion === 'success')
        for (const word of planted.settings) assert.ok(set.includes(word), 'the value is set')
      assert.equal(await filesWith(planted.words, site), '')
      const copies = (await filesWith(planted.settings, site)).replaceAll(containerdDatabase, '')
      assert.equal(unexpectedCopies(copies, site), '')
      if (conclusion !== 'failure') return
      assert.equal(copies, '', 'no copy is left')
      const project = `label=com.docker.compose.project=${site.name}`
      assert.equal(
        await site.sh(`docker ps -aq --filter ${project}`),
        '',
        'no container with the settings is left',
      )
    })
  }
})

test('the watch finds strings in the arguments and the environment of a process', async () => {
  const shown = ['in-an-argument-17', 'in-the-environment-17']
  const watch = watchProcesses(shown, /main\.cjs/)
  const one = spawn('sh', ['-c', 'sleep 1; true', 'in-an-argument-17'])
  const other = spawn('sh', ['-c', 'sleep 1; true'], { env: { IT: 'in-the-environment-17' } })
  await Promise.all([once(one, 'exit'), once(other, 'exit')])
  const seen = watch.end().map(line => Number(line.split(' ')[0]))
  for (const { pid = 0 } of [one, other]) assert.ok(seen.includes(pid))
})

const imageOf = ({ name }: Pick<Site, 'name'>): string => `${planted.registry}/octo/${name}`

const inputsOf = (site: Site) => ({
  image: imageOf(site),
  'registry-password': planted.registryPassword,
  'ssh-key': planted.key,
  'ssh-passphrase': planted.passphrase,
  'github-token': planted.token,
  secrets: `TOKEN=${planted.buildSecret}`,
  files: 'conf',
  env: `PLANTED=${planted.setting}\nPLANTED_TEXT<<EOF\nfirst line\n${planted.settingLine} "and" $more\nEOF`,
})

async function source(lines: string) {
  const { reference } = await all.base()
  const use = 'RUN --mount=type=secret,id=TOKEN grep -q planted /run/secrets/TOKEN'
  const dockerfile = `FROM ${reference}\n${use}\nCOPY index.html /www/index.html\n${lines}\n`
  return { page: 'planted', files: { Dockerfile: dockerfile, 'conf/a': 'a' } }
}

/** Returns everything that GitHub shows or passes to later steps, without the `add-mask` commands, which it hides. */
const visible = ({ post, ...main }: ActionRun): string =>
  [main, post]
    .map(step => JSON.stringify({ ...step, raw: step?.raw.replaceAll(/^::add-mask::.*$/gm, '') }))
    .join('\n')

function assertNoSecrets(text: string, where: string): void {
  for (const word of [...planted.words, ...planted.settings])
    assert.ok(!text.includes(word), `${where} contains ${word}`)
}

/** containerd's database. When a container is removed, it frees its pages, but overwrites them only later. */
const containerdDatabase = /^.*\/io\.containerd\.metadata\.v1\.bolt\/meta\.db\n/gm

/** Removes the expected locations of settings: the env file, and the private copies for a rollback. */
const unexpectedCopies = (found: string, { name }: Site): string =>
  found
    .split('\n')
    .filter(
      line =>
        line !== '' &&
        !new RegExp(
          `/srv/${name}/(\\.slipway/${name}/(kept/[^/]+/files/\\.env|releases/web/[^/]+/files/(env|config\\.yaml))|\\.env)$`,
        ).test(line),
    )
    .join('\n')

/** Returns the server's files that contain one of the words: on its disk, searched from the host, and in memory. */
async function filesWith(words: readonly string[], { server: { machine, exec } }: Site): Promise<string> {
  const folders = '/run /tmp /dev/shm /var/log /home /root /srv'
  const inside = await exec(`grep -rlFf - --devices=skip ${folders} 2>/dev/null`, { stdin: words.join('\n') })
  const patterns = words.flatMap(word => ['-e', word])
  try {
    const found = execFileSync('grep', ['-rlF', '--devices=skip', ...patterns, machine.directory], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return inside.stdout + found
  } catch (error) {
    return inside.stdout + (error as { stdout: string }).stdout // grep fails if it finds nothing
  }
}
