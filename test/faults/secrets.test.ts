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
import { quiet, served } from './judge.ts'
import { type Lane, openLane } from './lane.ts'
import { filesWith, shownIn } from './leaks.ts'
import { descends, openLookout } from './lookout.ts'
import { type Event, reached, runsOf } from './moments.ts'

// Secrets are nowhere to be seen, while a deploy runs and after it, however it ends: not in the arguments or the
// environment of any process on the server or that the action starts, in no file there, none on the runner, no log.

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
/** Of a setting of the project, which is to be in its env file, and nowhere else: what no escape of it changes. */
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
  readonly does: (lane: Lane, acting: RunningAction) => void
  readonly fails?: true
  /** The runner is gone, with all that is on it. */
  readonly lost?: true
  readonly ends: RegExp
}

const nothing = (): void => undefined

const cases: readonly Case[] = [
  { name: 'success', event: 'pull', does: nothing, ends: /^success$/ },
  { name: 'failure and rollback', event: 'gate', does: nothing, fails: true, ends: /^failure$/ },
  { name: 'registry gone', event: 'record', does: lane => lane.registry.refuse(true), ends: /^failure$/ },
  { name: 'cancel', event: 'pull', does: (_, acting) => acting.cancel(), ends: /^cancelled$/ },
  {
    name: 'cancel after the change began',
    event: 'up',
    does: (_, acting) => acting.cancel(),
    ends: /^cancelled$/,
  },
  { name: 'drop', event: 'pull', does: lane => lane.ssh.cut('RST'), ends: /^success$/ },
  {
    name: 'loss of the runner',
    event: 'pull',
    does: (_, acting) => acting.loseRunner(),
    lost: true,
    ends: /./,
  },
  { name: 'script killed in its pull', event: 'pull', does: killScripts, ends: /./ },
]

suite('no secret is to be seen', { concurrency: 2 }, async () => {
  for (const each of cases) {
    test(`on ${each.name}`, { timeout: 240_000 }, async () => {
      await using lane = await openLane(all, { repository, grace: 1 })
      assert.equal((await lane.deploy(one)).conclusion, 'success')
      const namespace = namespaceOf(String(lane.server.machine.first.pid))
      const lookout = openLookout({ secrets, ours: pid => namespaceOf(pid) === namespace || descends(pid) })
      const temporary = mkdtempSync(join(tmpdir(), 'slipway-temporary-'))
      try {
        const run = await troubled(lane, each, temporary)
        lane.registry.refuse(false)
        await quiet(lane)
        assert.deepEqual(await lookout.end(), [])
        assert.match(run.conclusion, each.ends, run.log)
        assert.ok(await served(lane, 3000))
        if (run.conclusion === 'success') assert.ok((await lane.sh('cat .env')).includes(marker), 'it is set')
        assert.deepEqual(shownIn(run, secrets), [])
        if (each.lost !== true)
          assert.deepEqual([run.leftovers, readdirSync(temporary)], [[], []], 'on the runner')
        assert.deepEqual(await filesWith(lane, secrets), [])
      } finally {
        await lookout.end()
        rmSync(temporary, { recursive: true, force: true })
      }
    })
  }
})

// By itself: what it plants is for nobody else to find.
test('where a secret is planted, it is found', { timeout: 240_000 }, async () => {
  await using lane = await openLane(all, { repository, grace: 1 })
  const [kept, release] = [`${lane.state}/kept/17`, `${lane.state}/releases/web/17`]
  const belongs = ['.env', `${kept}/files/.env`, `${release}/files/env`]
  const strays = [
    '.env.new',
    'of-compose-1',
    `${kept}/prints`,
    `${kept}/files/more/.env`,
    `${release}/release`,
  ]
  await lane.sh(`echo ${password} >planted; mkdir -p ${kept}/files/more ${release}/files`)
  for (const file of [...belongs, ...strays]) {
    const line = envLine({ name: 'PLANTED', value: setting }, file === 'of-compose-1')
    await lane.sh(`cat >${file} <<'END'\n${line}\nEND`)
  }
  const expected = ['planted', ...strays].map(file => resolve(lane.directory, file))
  assert.deepEqual((await filesWith(lane, secrets)).sort(), expected.sort())
  const lookout = openLookout({ secrets: ['planted-in-argv', 'planted-in-env'], ours: () => true })
  await lane.server.exec('PLANTED=planted-in-env sleep 0.5; sh -c "sleep 0.5; : planted-in-argv"')
  const seen = (await lookout.end()).join('\n')
  assert.match(seen, /secret 0 in the cmdline/)
  assert.match(seen, /secret 1 in the environ/)
})

async function troubled(lane: Lane, { event, does, fails }: Case, temporary: string): Promise<ActionRun> {
  const known = runsOf(lane)
  const heard = Promise.withResolvers<RunningAction>()
  let over = false
  const version = fails ? bad : two
  const run = lane
    .deploy(version, {
      env: { ...all.runner.env, TMPDIR: temporary },
      github: { token },
      secrets: [],
      onLine: (_, acting) => heard.resolve(acting),
      with: {
        'ssh-key': access.encryptedKey.text,
        'ssh-passphrase': passphrase,
        env: `RELEASE=${version.page}\nPLANTED=${setting}`,
      },
    })
    .finally(() => {
      over = true
    })
  const acting = await heard.promise
  assert.ok(await reached(lane, event, known, () => over), `it never came to ${event}`)
  does(lane, acting)
  return await run
}

function namespaceOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch {
    return undefined
  }
}
