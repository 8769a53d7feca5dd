/** Compose checks the project with the uploads, while the lock is held and before anything is changed. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { openStand, type Ran, type Stand, service } from './stand.ts'

/** Deploys a release, and a second one whose uploaded `.env` Compose rejects. */
function reject(stand: Stand, env: string, says: string, more: Readonly<Record<string, string>> = {}): Ran {
  stand.write('conf', 'old\n')
  stand.write('.env', 'A=1\n')
  for (const image of ['one', 'two']) stand.image(image)
  assert.equal(stand.deploy([service('web', 'one')]).verdict?.kind, 'ok')
  writeFileSync(join(stand.engine, 'said'), says)
  stand.once("*' config '*", 'pwd >"$here/where"; cp .env conf "$here/"; cat "$here/said" >&2; exit 15')
  const files = { 'payload/whole': '', 'payload/files/conf': 'new\n', 'payload/files/.env': env, ...more }
  return stand.deploy([service('web', 'two')], { files })
}

const stateOf = (stand: Stand) => ({
  files: stand.list().map(name => [name, stand.read(name)]),
  containers: stand.containers('web'),
  history: stand.read('.slipway/test/history.tsv'),
})

test('files that Compose rejects are not put in place, and nothing changes', () => {
  using stand = openStand()
  const env = 'A=1\nB=hunter22\n'
  const { verdict, log, run } = reject(stand, env, 'services.web.ports: invalid port hunter22\n', {
    'payload/files/new/conf': 'new\n',
    'payload/settings/C': 'C=hunter33',
  })
  assert.deepEqual(
    [verdict?.kind, verdict?.stage, verdict?.reason],
    ['unchanged', 'check', 'Compose rejects the project with the uploaded files'],
    log,
  )
  assert.match(log, /^ {2}services\.web\.ports: invalid port …$/m)
  assert.match(log, /^Stopped: Compose rejects .*\. Nothing was changed\.$/m)
  const seen = ['.env', 'conf'].map(name => spawnSync('cat', [join(stand.engine, name)]).stdout.toString())
  assert.deepEqual(seen, [`${env}C=hunter33\n`, 'new\n'], 'Compose saw the project with the uploads')

  assert.deepEqual(stand.list(), ['.env', 'compose.yaml', 'conf'])
  assert.deepEqual([stand.read('.env'), stand.read('conf')], ['A=1\n', 'old\n'])
  assert.equal(stand.containers('web')[0]?.['image'], stand.imageOf('one'))
  assert.equal(stand.calls().at(-1), 'compose -p test config -q', 'no docker command ran after it')
  const before = stateOf(stand)
  assert.doesNotMatch(before.history, /unchanged/)

  const staged = /^(payload|shadow|error|hook)/
  assert.deepEqual(
    readdirSync(run).filter(name => staged.test(name)),
    [],
  )
  assert.equal(spawnSync('grep', ['-r', 'hunter', stand.directory]).stdout.toString(), '')

  const next = stand.deploy([
    ['mode', 'settle'],
    ['after', 'x'],
  ])
  assert.doesNotMatch(next.log, /settled/)
  assert.deepEqual(stateOf(stand), before)
})

suite('an error of Compose is logged without values of the env file, if a value', () => {
  for (const { name, env, says, told } of [
    { name: 'is not quoted', env: 'B=hunter22', says: 'bad hunter22!', told: 'bad …!' },
    { name: 'is quoted in the file', env: "B='hunter22'", says: 'bad hunter22', told: 'bad …' },
    { name: 'is followed by a comment', env: 'B=hunter22 # mine', says: 'bad hunter22', told: 'bad …' },
    {
      name: 'is quoted, and followed by a comment',
      env: 'B="hunter22" # mine',
      says: 'bad hunter22',
      told: 'bad …',
    },
    { name: 'has blanks around it', env: 'B = hunter22  ', says: 'bad:hunter22.', told: 'bad:….' },
    { name: 'has a Windows line end', env: 'B=hunter22\r', says: 'bad hunter22', told: 'bad …' },
    { name: 'follows a colon', env: 'B: "hunter22"', says: 'bad hunter22', told: 'bad …' },
    { name: 'is one line of several', env: 'B="first\nhunter22"', says: 'bad hunter22', told: 'bad …' },
    { name: 'starts like another value', env: 'B=hunt\nC=hunter22', says: 'bad hunter22', told: 'bad …' },
    {
      name: 'is part of a quoted line with escaped quotes',
      env: 'my key: "hunter22"',
      says: String.raw`unexpected character "k" in "my key: \"hunter22\"" there`,
      told: 'unexpected character "…" in "…" there',
    },
  ]) {
    test(name, () => {
      using stand = openStand()
      const { verdict, log } = reject(stand, `${env}\n`, `${says}\n`)
      assert.equal(verdict?.kind, 'unchanged', log)
      assert.doesNotMatch(log + JSON.stringify(verdict), /hunter22|er22/)
      assert.equal(log.split('\n').includes(`  ${told}`), true, log)
    })
  }
})
