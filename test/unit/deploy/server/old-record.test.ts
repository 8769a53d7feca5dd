/** A record of the previous version, which has no `networks`, and copies of the compose files only. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { digestOf, openStand, type Stand, service } from './stand.ts'

const reference = 'reg.example/app:latest'
const id = 'lzold001-aaaaaaaa'

/** Writes a record as that version did: see record.sh of commit 7171853. */
function leave(stand: Stand, at: 'record' | `broken/${string}`, stage: string, container: string): void {
  const files: Readonly<Record<string, string>> = {
    run: `id ${id}\nurl https://github.example/octo/app/actions/runs/9\nby octocat\ncommit abc\nnumber 9\nworkflow Deploy\nref main\ntags latest\nrollback true\nenv-file \nafter \nbegan-at 1700000000\n`,
    stage: `${stage}\n`,
    services: `web ${reference} ${digestOf('new')} 1 - 0 ${stand.imageOf('one')} ${digestOf('one')} slipway/kept:test.web.6f6e6520 ${stand.imageOf('one')} 1 1\n`,
    former: '',
    containers: `web ${container} test-web-1 running ${stand.imageOf('one')} 0 before\n`,
    pinned: '',
    'files/web/11.compose.yaml': `web ${reference} 1 unless-stopped of-one\n`,
  }
  for (const [name, text] of Object.entries(files)) stand.write(`.slipway/test/${at}/${name}`, text)
}

function standOf(images: readonly string[]): Stand {
  const stand = openStand()
  for (const image of images) stand.image(image)
  stand.tag(reference, 'new')
  // Not the file that the release ran with.
  stand.write('compose.yaml', `web ${reference} 1 unless-stopped of-two\n`)
  return stand
}

const running = (stand: Stand, image: string): string =>
  stand.container('web', { image: stand.imageOf(image), reference, grace: '0' })

const verdicts = (stand: Stand): string[] =>
  stand
    .read('.slipway/test/history.tsv')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map(line => line.split('\t')[1] ?? '')

suite('a record of the previous version', () => {
  const table = [
    { name: 'that was cut off in the pull is settled', stage: 'pull', live: 'one', expected: 'unchanged' },
    {
      name: 'that was cut off while nothing ran is rolled back',
      stage: 'up',
      live: undefined,
      expected: 'rolled-back',
    },
    { name: 'that was cut off after the gate goes forward', stage: 'verify', live: 'new', expected: 'ok' },
    {
      name: 'that was cut off in its rollback is rolled back',
      stage: 'rollback',
      live: 'new',
      expected: 'rolled-back',
    },
  ]
  for (const { name, stage, live, expected } of table) {
    test(name, () => {
      using stand = standOf(['one', 'new'])
      const ran = live === 'one' ? running(stand, 'one') : 'f'.repeat(64)
      if (live === 'new') running(stand, 'new')
      leave(stand, 'record', stage, ran)
      // The next run finds no image to pull, so it only settles.
      const { verdict, log } = stand.deploy([service('web', 'nowhere', { grace: 0 }), ['pull-timeout', '2']])
      assert.equal(verdict?.kind, 'unchanged', log)
      assert.deepEqual(verdicts(stand), [expected, 'unchanged'], log)
      const [container, ...others] = stand.containers('web')
      assert.deepEqual(others, [])
      assert.equal(container?.['status'], 'running')
      const image = expected === 'ok' ? 'new' : 'one'
      assert.equal(container?.['image'], stand.imageOf(image))
      // The container is recreated with the compose file that the release ran with.
      if (expected === 'rolled-back') assert.match(log, /using the compose files of the previous release/)
    })
  }

  test('of a failed rollback gives the release that a later deploy rolls back to', () => {
    using stand = standOf(['one', 'new'])
    stand.image('bad', 'exited 3')
    leave(stand, `broken/${id}`, 'up', 'f'.repeat(64))
    const { verdict, log } = stand.deploy([service('web', 'bad', { grace: 0 })])
    assert.equal(verdict?.kind, 'rolled-back', log)
    assert.deepEqual(
      stand.containers('web').map(each => `${each['status']} ${each['image'] === stand.imageOf('one')}`),
      ['running true'],
    )
  })
})
