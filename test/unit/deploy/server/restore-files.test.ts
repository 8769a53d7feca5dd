/** Files, variables and tags that a failed run restores. */
import assert from 'node:assert/strict'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { digestOf, openStand, type Parameters, type Stand, service } from './stand.ts'

const variable = { reference: 'reg.example/app:2' }
const compose = 'web reg.example/app:${TAG} 1 unless-stopped\n'

suite('a variable that sets the image', () => {
  test('is restored by a rollback, also in an uploaded .env', () => {
    using stand = openStand()
    stand.write('compose.yaml', compose)
    stand.write('.env', 'TAG=1\nA=1\n')
    stand.image('one')
    stand.image('two', 'exited 3')
    const settings: readonly (readonly [string, string])[] = [
      ['env-file', `${stand.directory}/.env`],
      ['compose-file', `${stand.directory}/compose.yaml`],
    ]
    const first = stand.deploy([service('web', 'one', { reference: 'reg.example/app:1' }), ...settings])
    assert.equal(first.verdict?.kind, 'ok', first.log)
    const { verdict, log } = stand.deploy(
      [service('web', 'two', variable), ...settings, ['env-set', 'TAG=2']],
      {
        files: { 'payload/whole': '', 'payload/files/.env': 'TAG=1\nA=2\n' },
      },
    )
    assert.equal(verdict?.kind, 'rolled-back', log)
    assert.equal(stand.read('.env'), 'TAG=1\nA=1\n')
    assert.equal(stand.containers('web')[0]?.['reference'], 'reg.example/app:1')
  })

  test('is set without an upload, too, and restored by a rollback', () => {
    using stand = openStand()
    stand.write('compose.yaml', compose)
    stand.write('.env', 'A=1\nTAG=1\nB=2\n')
    for (const name of ['one', 'two']) stand.image(name)
    stand.image('bad', 'exited 3')
    const env = ['env-file', `${stand.directory}/.env`] as const
    for (const [tag, image, then] of [
      ['1', 'one', '1'],
      ['2', 'two', '2'],
      ['3', 'bad', '2'],
    ] as const) {
      const more = [service('web', image, { reference: `reg.example/app:${tag}` }), env]
      const { verdict, log } = stand.deploy([...more, ['env-set', `TAG=${tag}`]])
      assert.equal(verdict?.kind, image === 'bad' ? 'rolled-back' : 'ok', log)
      assert.equal(stand.read('.env'), `A=1\nTAG=${then}\nB=2\n`)
    }
    assert.equal(stand.containers('web')[0]?.['image'], stand.imageOf('two'))
  })

  test('is never restored from an incomplete copy', () => {
    using stand = openStand()
    stand.write('compose.yaml', compose)
    stand.write('.env', 'TAG=1\nA=1\n')
    stand.image('one')
    const run = stand.call(`
      services='web reg.example/app:2 ${digestOf('one')} 1 - 10'$newline
      env_file=$directory/.env env_set=TAG=2$newline
      take_lock && record_release && record=$state/record || exit 3
      cp() { for last; do :; done; printf TAG >"$last"; kill -9 $$; }
      set_variables`)
    assert.equal(run.status, null, run.log)
    const { log } = stand.deploy([
      ['mode', 'settle'],
      ['after', 'x'],
    ])
    assert.match(log, /Settled the interrupted deploy: unchanged/)
    assert.equal(stand.read('.env'), 'TAG=1\nA=1\n')
    assert.deepEqual(stand.list(), ['.env', 'compose.yaml'])
  })

  test('leaves no copy of the .env beside it after a cut', () => {
    using stand = openStand()
    stand.write('compose.yaml', compose)
    stand.write('.env', 'TAG=1\nSECRET=1\n')
    stand.image('one')
    stand.call(`
      services='web reg.example/app:2 ${digestOf('one')} 1 - 10'$newline
      env_file=$directory/.env env_set=TAG=2$newline
      take_lock && record_release && record=$state/record || exit 3
      with_entry() { kill -9 $$; }
      set_variables`)
    assert.deepEqual(stand.list(), ['.env', '.env.slipway', 'compose.yaml'])
    stand.deploy([
      ['mode', 'settle'],
      ['after', 'x'],
    ])
    assert.equal(stand.read('.env'), 'TAG=1\nSECRET=1\n')
    assert.deepEqual(stand.list(), ['.env', 'compose.yaml'])
  })
})

suite('a file that cannot be restored', () => {
  const payload = { 'payload/whole': '', 'payload/files/conf': 'new\n' }
  // The file cannot be restored while `refuse` exists: neither in the deploy nor in an attempt to settle it.
  const refuse =
    'mv() { case $* in */back/conf*) [ ! -e "$state/refuse" ] || return 1 ;; esac; command mv "$@"; }\n'

  test('is restored by the next run', () => {
    using stand = openStand()
    stand.write('conf', 'old\n')
    stand.image('one')
    stand.image('two')
    assert.equal(stand.deploy([service('web', 'one')]).verdict?.kind, 'ok')
    const serving = stand.containers('web')
    const broken = stand.deploy(
      [service('web', 'two'), ['rollback', 'false'], ['host-before', ': >.slipway/test/refuse; exit 1']],
      {
        files: payload,
        before: refuse,
      },
    )
    assert.equal(broken.verdict?.kind, 'broken', broken.log)
    assert.equal(broken.verdict?.leftInPlace, undefined, 'nothing that serves was touched, nor left')
    assert.match(broken.verdict?.reason ?? '', /code 1; and the previous files in .* could not be restored/)
    assert.deepEqual([broken.verdict?.code, broken.verdict?.second], ['command-failed', 'not-restored'])
    assert.equal(stand.read('conf'), 'new\n')
    const again = stand.deploy(
      [
        ['mode', 'settle'],
        ['after', 'x'],
      ],
      { before: refuse },
    )
    assert.match(again.log, /Settled the interrupted deploy: broken/)
    rmSync(`${stand.state}/refuse`)
    const next = stand.deploy(
      [
        ['mode', 'settle'],
        ['after', 'x'],
      ],
      { before: refuse },
    )
    assert.match(next.log, /Settled the interrupted deploy: unchanged/)
    assert.equal(stand.read('conf'), 'old\n')
    assert.deepEqual(stand.containers('web'), serving)
    assert.deepEqual(readdirSync(stand.state).sort(), ['history.tsv', 'kept', 'lock', 'releases', 'runs'])
  })

  test('is restored by the next run even if the previous release already runs again', () => {
    using stand = openStand()
    stand.write('conf', 'old\n')
    stand.image('one')
    stand.image('bad', 'exited 3')
    assert.equal(stand.deploy([service('web', 'one')]).verdict?.kind, 'ok')
    writeFileSync(`${stand.state}/refuse`, '')
    const broken = stand.deploy([service('web', 'bad')], { files: payload, before: refuse })
    assert.deepEqual([broken.verdict?.kind, broken.verdict?.leftInPlace], ['broken', undefined], broken.log)
    assert.equal(stand.read('conf'), 'new\n')
    const serving = stand.containers('web')
    assert.equal(serving[0]?.['image'], stand.image('one'))
    rmSync(`${stand.state}/refuse`)
    const next = stand.deploy([
      ['mode', 'settle'],
      ['after', 'x'],
    ])
    assert.match(next.log, /Settled the interrupted deploy: rolled-back/)
    assert.equal(stand.read('conf'), 'old\n')
    assert.deepEqual(stand.containers('web'), serving)
  })
})

suite('a directory that the login may not write in', () => {
  const refuse = (links: boolean) => `
mv() { for last; do :; done; case $last in "$directory/./locked/") echo 'Permission denied' >&2; return 1 ;; esac; command mv "$@"; }
ln() { ${links ? '' : 'case $* in */old/*) return 1 ;; esac; '}command ln "$@"; }
`
  const files = {
    'payload/whole': '',
    'payload/files/open/a': 'new\n',
    'payload/files/locked/a': 'new\n',
    'payload/files/locked/b': 'new\n',
  }
  for (const links of [true, false])
    test(`does not affect the running release, ${links ? 'with links' : 'if files cannot be linked'}`, () => {
      using stand = openStand()
      for (const name of ['one', 'two']) stand.image(name)
      assert.equal(stand.deploy([service('web', 'one')]).verdict?.kind, 'ok')
      for (const name of ['open', 'locked']) stand.write(`${name}/a`, 'old\n')
      const serving = stand.containers('web')
      const { verdict, log } = stand.deploy([service('web', 'two')], { files, before: refuse(links) })
      assert.deepEqual(
        [verdict?.kind, verdict?.code, verdict?.second],
        ['unchanged', 'not-writable', undefined],
        log,
      )
      assert.equal(verdict?.reason, `the files cannot be written to ${stand.directory}/locked`)
      assert.deepEqual(stand.containers('web'), serving)
      assert.deepEqual([stand.read('open/a'), stand.read('locked/a')], ['old\n', 'old\n'])
      assert.deepEqual(readdirSync(stand.state).sort(), ['history.tsv', 'kept', 'lock', 'releases', 'runs'])
    })
})

test('a rollback past a release that was left in place also undoes its files', () => {
  using stand = openStand()
  stand.write('conf', 'good\n')
  stand.image('one')
  stand.image('bad', 'exited 3')
  assert.equal(stand.deploy([service('web', 'one')]).verdict?.kind, 'ok')
  const off = ['rollback', 'false'] as const
  const files = (text: string) => ({ files: { 'payload/whole': '', 'payload/files/conf': text } })
  const broken = stand.deploy([service('web', 'bad'), off], files('broken\n'))
  assert.deepEqual([broken.verdict?.kind, broken.verdict?.leftInPlace], ['broken', true], broken.log)
  assert.equal(stand.read('conf'), 'broken\n')
  const { verdict, log } = stand.deploy([service('web', 'bad')], files('newer\n'))
  assert.equal(verdict?.kind, 'rolled-back', log)
  assert.equal(stand.containers('web')[0]?.['image'], stand.image('one'))
  assert.equal(stand.read('conf'), 'good\n')
})

suite('what a broken change has restored is not restored again over', () => {
  const settle: Parameters = [
    ['mode', 'settle'],
    ['after', 'x'],
  ]
  const web = (image: string, tag: string) =>
    service('web', image, { reference: `reg.example/app:${tag}`, grace: 0 })
  const api = (image: string, tag: string) =>
    service('api', image, { reference: `reg.example/app:${tag}`, grace: 0 })
  const open = (): { stand: Stand; more: Parameters } => {
    const stand = openStand()
    stand.write('compose.yaml', 'web reg.example/app:1 1 no\napi reg.example/app:${TAG} 1 no\n')
    stand.write('.env', 'TAG=1\n')
    stand.write('conf', 'one\n')
    for (const image of ['one', 'two', 'three']) stand.image(image)
    stand.image('bad', 'exited 3')
    const more = [['env-file', `${stand.directory}/.env`] as const]
    const first = stand.deploy([web('one', '1'), api('one', '1'), ...more])
    assert.equal(first.verdict?.kind, 'ok', first.log)
    return { stand, more }
  }
  const upload = (text: string) => ({ files: { 'payload/whole': '', 'payload/files/conf': text } })
  const contents = (stand: Stand) => [stand.read('.env'), stand.read('conf')]

  const refuse = 'point() { [ ! -e "$state/refuse" ] || return 1; }\nheld_for() { echo 0; }\n'
  /** Changes that restored their files and variables, and could not be undone completely. */
  const ways = [
    { name: 'in a rollback that was not healthy', image: 'bad', more: [], ends: 'rolled-back' },
    {
      name: 'before it touched the service',
      image: 'two',
      more: [['host-before', ': >.slipway/test/refuse; exit 1']],
      ends: 'unchanged',
    },
  ] as const
  for (const { name, image, more: how, ends } of ways)
    for (const by of ['another deploy', 'hand'])
      test(`what ${by} has changed since, ${name}`, () => {
        const { stand, more } = open()
        using _ = stand
        stand.image('one', 'exited 4')
        const broken = stand.deploy(
          [web(image, '1'), ...more, ['env-set', 'TAG=9'], ['wait-timeout', '1'], ...how],
          { ...upload('bad\n'), before: refuse },
        )
        assert.equal(broken.verdict?.kind, 'broken', broken.log)
        assert.deepEqual(contents(stand), ['TAG=1\n', 'one\n'])
        if (by === 'hand') {
          stand.write('.env', 'TAG=2\n')
          rmSync(`${stand.directory}/conf`)
          stand.write('conf', 'two\n')
        } else {
          const later = stand.deploy([api('two', '2'), ...more, ['env-set', 'TAG=2']], upload('two\n'))
          assert.equal(later.verdict?.kind, 'ok', later.log)
        }
        stand.image('one', 'running')
        rmSync(`${stand.state}/refuse`, { force: true })
        const { log } = stand.deploy(settle)
        assert.match(log, new RegExp(`Settled the interrupted deploy: ${ends}`))
        assert.deepEqual(contents(stand), ['TAG=2\n', 'two\n'])
        assert.equal(readdirSync(stand.state).includes('broken'), false)
      })
})
