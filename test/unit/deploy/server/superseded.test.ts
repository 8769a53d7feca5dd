/** A run is superseded if a newer run of the same workflow and ref has deployed. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { suite, test } from 'node:test'
import { cut, digestOf, look, openStand, type Parameters, type Stand, service } from './stand.ts'

interface Called {
  readonly number?: number
  readonly ref?: string
  readonly workflow?: string
  readonly repository?: string
}

const called = ({
  number = 6,
  ref = 'main',
  workflow = 'Deploy',
  repository = 'octo/app',
}: Called = {}): Parameters => [
  ['number', `${number}`],
  ['ref', ref],
  ['workflow', workflow],
  ['url', `https://github.example/${repository}/actions/runs/${number}00`],
]

/** Opens a stand on which runs 5 and 7 have deployed. */
function standOfSeven(): Stand {
  const stand = openStand()
  for (const name of ['early', 'late', 'six']) stand.image(name)
  stand.write('conf', 'of 7\n')
  for (const [number, image] of [
    [5, 'early'],
    [7, 'late'],
  ] as const) {
    const { verdict, log } = stand.deploy([service('web', image), ...called({ number })])
    assert.equal(verdict?.kind, 'ok', log)
  }
  return stand
}

for (const workflow of ['Release\\nightly', 'ci\\cd', 'a\\b $HOME `x`'])
  test(`a run of the workflow ${workflow} is superseded, too`, () => {
    using stand = openStand()
    for (const name of ['six', 'late']) stand.image(name)
    const later = stand.deploy([service('web', 'late'), ...called({ number: 7, workflow })])
    assert.equal(later.verdict?.kind, 'ok', later.log)
    const { verdict, log } = stand.deploy([service('web', 'six'), ...called({ workflow })])
    assert.equal(verdict?.kind, 'superseded', log)
  })

/** Returns everything that a superseded run could have changed. */
const shape = (stand: Stand) => ({
  files: stand.list().map(name => [name, stand.read(name)]),
  containers: stand.containers('web'),
  images: readdirSync(`${stand.engine}/images`).sort(),
  tags: readdirSync(`${stand.engine}/tags`).sort(),
  history: stand.read('.slipway/test/history.tsv'),
  kept: readdirSync(`${stand.state}/kept`).sort(),
  release: readdirSync(`${stand.state}/releases/web`).sort(),
})

suite('after run 7, run 6', () => {
  test('is superseded, and changes nothing', () => {
    using stand = standOfSeven()
    const before = shape(stand)
    const calls = stand.calls().length
    const files = { 'payload/whole': '', 'payload/files/conf': 'of 6\n', 'payload/settings/A': 'A=6' }
    const { verdict, log, run } = stand.deploy(
      [service('web', 'six'), ...called(), ['env-file', `${stand.directory}/.env`], ['env-set', 'TAG=6']],
      { files },
    )
    assert.equal(verdict?.kind, 'superseded', log)
    assert.match(
      verdict?.reason ?? '',
      /^web already runs reg\.example\/app@sha256:\S+ from the newer run 7$/,
    )
    assert.match(log, /^Superseded: .*the newer run 7\. Nothing was changed\.$/m)
    assert.deepEqual(shape(stand), before)
    assert.deepEqual(
      stand
        .calls()
        .slice(calls)
        .filter(call => !/^(?:ps|inspect|image inspect) /.test(call)),
      [],
    )
    assert.deepEqual(
      readdirSync(run).filter(name => name.startsWith('payload')),
      [],
    )
    assert.equal(readdirSync(stand.state).includes('record'), false)
  })

  test('is superseded as a whole if one of its services runs a newer release', () => {
    using stand = standOfSeven()
    stand.write('compose.yaml', 'web reg.example/app:latest 1 no\nworker reg.example/app:latest 1 no\n')
    const { verdict, log } = stand.deploy([service('worker', 'six'), service('web', 'six'), ...called()])
    assert.equal(verdict?.kind, 'superseded', log)
    assert.deepEqual(stand.containers('worker'), [])
  })

  test('is superseded even if run 7 was cut off and is only settled now', () => {
    using stand = openStand()
    for (const name of ['early', 'late', 'six']) stand.image(name)
    const order = (image: string, number: number): Parameters => [
      service('web', image, { grace: 0 }),
      ...called({ number }),
    ]
    assert.equal(stand.deploy(order('early', 5)).verdict?.kind, 'ok')
    stand.once(look, cut, 'gate')
    assert.equal(stand.deploy(order('late', 7)).verdict, undefined)
    const { verdict, log } = stand.deploy(order('six', 6))
    assert.match(log, /Settled the interrupted deploy: ok/)
    assert.equal(verdict?.kind, 'superseded', log)
    assert.equal(stand.containers('web')[0]?.['image'], stand.imageOf('late'))
  })

  for (const { name, run, more = [], image = 'six' } of [
    { name: 'that rolls back deploys', run: {}, more: [['rollback-to', 'previous']], image: 'early' },
    { name: 'with allow-older deploys', run: {}, more: [['allow-older', 'true']] },
    { name: 'for another ref deploys', run: { ref: 'next' } },
    { name: 'of another workflow deploys', run: { workflow: 'Deploy by hand' } },
    { name: 'of another repository deploys', run: { repository: 'octo/other' } },
    { name: 'that is a re-run of run 7 deploys', run: { number: 7 } },
    { name: 'that is run 10 deploys, although "10" sorts before "7"', run: { number: 10 } },
  ] as readonly { name: string; run: Called; more?: Parameters; image?: string }[]) {
    test(name, () => {
      using stand = standOfSeven()
      const { verdict, log } = stand.deploy([
        service('web', image === 'six' ? 'six' : '-'),
        ...called(run),
        ...more,
      ])
      assert.deepEqual([verdict?.kind, verdict?.deployed], ['ok', { web: digestOf(image) }], log)
      assert.equal(stand.containers('web')[0]?.['image'], stand.imageOf(image))
    })
  }

  test('deploys if no container of run 7 is left; any run deploys after a newer run that failed', () => {
    using stand = standOfSeven()
    stand.image('bad', 'exited 3')
    const failed = stand.deploy([service('web', 'bad'), ...called({ number: 9 })])
    assert.equal(failed.verdict?.kind, 'rolled-back', failed.log)
    const eight = stand.deploy([service('web', 'six'), ...called({ number: 8 })])
    assert.equal(eight.verdict?.kind, 'ok', eight.log)
    stand.docker('rm', '-f', stand.containers('web')[0]?.['id'] ?? '')
    const { verdict, log } = stand.deploy([service('web', 'late'), ...called()])
    assert.equal(verdict?.kind, 'ok', log)
  })
})
