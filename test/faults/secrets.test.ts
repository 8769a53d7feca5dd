import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { suite, test } from 'node:test'
import { envLine } from '../../src/payload/dotenv.ts'
import { rig } from '../rig/rig.ts'
import type { ActionRun, RunningAction } from '../rig/runner.ts'
import { killScripts } from './faults.ts'
import { push, type Version } from './images.ts'
import { waitForPage, waitUntilIdle } from './judge.ts'
import { type Lane, openLane } from './lane.ts'
import { filesWith, shownIn } from './leaks.ts'
import { type Event, reached, runsOf } from './moments.ts'
import { descends, watchProcesses } from './process-watch.ts'

// Secrets are not visible during a deploy or after it, however it ends: not in the arguments or the environment of a
// process on the server or one that the action starts, not in a file on the server or the runner, and not in a log.

const all = await rig()
const { access } = await all.server('modern')
const repository = `octo/secrets-${randomInt(36 ** 6).toString(36)}`
const [bad, one, two] = (await push(all, repository, [
  { page: 'bad', run: 'CMD ["sh", "-c", "sleep 0.2; exit 1"]' },
  { page: 'one' },
  { page: 'two' },
])) as [Version, Version, Version]

const { username, password } = all.registry
const token = 'ghs_PlantedTokenOfNoOne0000000000000000'
const passphrase = access.encryptedKey.passphrase ?? ''
/** Part of a setting of the project, which may only be in its env file. No escaping changes this part. */
const marker = 'planted-in-the-env-file'
const setting = `$ecret "${marker}"\\`
const secrets = [
  password,
  marker,
  Buffer.from(`${username}:${password}`).toString('base64'),
  access.encryptedKey.text.split('\n')[3] ?? '',
  passphrase,
  token,
]

interface Case {
  readonly name: string
  readonly event: Exclude<Event, 'checks'>
  readonly inject: (lane: Lane, action: RunningAction) => void
  readonly fails?: true
  /** The runner is lost, with all its files. */
  readonly lost?: true
  readonly ends: RegExp
}

const noFault = (): void => undefined

const cases: readonly Case[] = [
  { name: 'success', event: 'pull', inject: noFault, ends: /^success$/ },
  { name: 'failure and rollback', event: 'gate', inject: noFault, fails: true, ends: /^failure$/ },
  { name: 'registry gone', event: 'record', inject: lane => lane.registry.refuse(true), ends: /^failure$/ },
  { name: 'cancel', event: 'pull', inject: (_, action) => action.cancel(), ends: /^cancelled$/ },
  {
    name: 'cancel after the change began',
    event: 'up',
    inject: (_, action) => action.cancel(),
    ends: /^cancelled$/,
  },
  { name: 'connection drop', event: 'pull', inject: lane => lane.ssh.cut('RST'), ends: /^success$/ },
  {
    name: 'loss of the runner',
    event: 'pull',
    inject: (_, action) => action.loseRunner(),
    lost: true,
    ends: /./,
  },
  {
    name: 'script killed during the pull',
    event: 'pull',
    inject: lane => assert.ok(killScripts(lane) > 0),
    ends: /./,
  },
]

suite('no secret is visible', { concurrency: 2 }, async () => {
  for (const each of cases) {
    test(`on ${each.name}`, { timeout: 240_000 }, async () => {
      await using lane = await openLane(all, { repository, grace: 1 })
      assert.equal((await lane.deploy(one)).conclusion, 'success')
      const namespace = namespaceOf(String(lane.server.machine.first.pid))
      const watch = watchProcesses({ secrets, ours: pid => namespaceOf(pid) === namespace || descends(pid) })
      const temporary = mkdtempSync(join(tmpdir(), 'slipway-temporary-'))
      try {
        const run = await deployWithFault(lane, each, temporary)
        lane.registry.refuse(false)
        await waitUntilIdle(lane)
        assert.deepEqual(await watch.end(), [])
        assert.match(run.conclusion, each.ends, run.log)
        assert.ok(await waitForPage(lane, 3000))
        if (run.conclusion === 'success')
          assert.ok((await lane.sh('cat .env')).includes(marker), 'the setting is in .env')
        assert.deepEqual(shownIn(run, secrets), [])
        if (each.lost !== true)
          assert.deepEqual([run.leftovers, readdirSync(temporary)], [[], []], 'on the runner')
        assert.deepEqual(await filesWith(lane, secrets), [])
      } finally {
        await watch.end()
        rmSync(temporary, { recursive: true, force: true })
      }
    })
  }
})

// Outside the suite, so that no concurrent test finds these planted secrets.
test('planted secrets are found', { timeout: 240_000 }, async () => {
  await using lane = await openLane(all, { repository, grace: 1 })
  const [kept, release] = [`${lane.state}/kept/17`, `${lane.state}/releases/web/17`]
  const allowed = ['.env', `${kept}/files/.env`, `${release}/files/env`]
  const unexpected = [
    '.env.new',
    'of-compose-1',
    `${kept}/prints`,
    `${kept}/files/more/.env`,
    `${release}/release`,
  ]
  await lane.sh(`echo ${password} >planted; mkdir -p ${kept}/files/more ${release}/files`)
  for (const file of [...allowed, ...unexpected]) {
    const line = envLine({ name: 'PLANTED', value: setting }, file === 'of-compose-1')
    await lane.sh(`cat >${file} <<'END'\n${line}\nEND`)
  }
  const expected = ['planted', ...unexpected].map(file => resolve(lane.directory, file))
  assert.deepEqual((await filesWith(lane, secrets)).sort(), expected.sort())
  const watch = watchProcesses({ secrets: ['planted-in-argv', 'planted-in-env'], ours: () => true })
  await lane.server.exec('PLANTED=planted-in-env sleep 0.5; sh -c "sleep 0.5; : planted-in-argv"')
  const seen = (await watch.end()).join('\n')
  assert.match(seen, /secret 0 in the cmdline/)
  assert.match(seen, /secret 1 in the environ/)
})

async function deployWithFault(
  lane: Lane,
  { event, inject, fails }: Case,
  temporary: string,
): Promise<ActionRun> {
  const earlier = runsOf(lane)
  const started = Promise.withResolvers<RunningAction>()
  let finished = false
  const version = fails ? bad : two
  const run = lane
    .deploy(version, {
      env: { ...all.runner.env, TMPDIR: temporary },
      github: { token },
      secrets: [],
      onLine: (_, action) => started.resolve(action),
      with: {
        'ssh-key': access.encryptedKey.text,
        'ssh-passphrase': passphrase,
        env: `RELEASE=${version.page}\nPLANTED=${setting}`,
      },
    })
    .finally(() => {
      finished = true
    })
  const action = await started.promise
  assert.ok(await reached(lane, event, earlier, () => finished), `the deploy did not reach ${event}`)
  inject(lane, action)
  return await run
}

function namespaceOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch {
    return undefined
  }
}
