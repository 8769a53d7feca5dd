/** No text from outside is evaluated: bash runs a command inside `$(( ))`, and other shells exit there. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { swarmScript, transactionScript } from '../../../../src/deploy/script.ts'
import { digestOf, openStand, type Stand, service } from './stand.ts'

/** Returns a text that creates the file `ran` if bash evaluates it in arithmetic. */
const poison = (stand: Stand): string => `a[$(touch ${join(stand.directory, 'ran')})]`
const ran = (stand: Stand): boolean => existsSync(join(stand.directory, 'ran'))

/** Values that somebody may have written where the next run reads them. */
const written: readonly { name: string; write: (stand: Stand, bad: string) => void }[] = [
  {
    name: 'the stop timeout of a container',
    write: (stand, bad) => stand.change(stand.containers('web')[0]?.['id'] ?? '', 'grace', bad),
  },
  {
    name: 'the record of a run that was cut off',
    write: (stand, bad) => {
      const line = [
        'web',
        'reg.example/app:latest',
        digestOf('one'),
        bad,
        '-',
        bad,
        '-',
        '-',
        '-',
        '-',
        bad,
        1,
      ]
      stand.write('.slipway/test/record/services', `${line.join(' ')}\n`)
      stand.write('.slipway/test/record/containers', `web x test-web-1 running y ${bad} z\n`)
      stand.write('.slipway/test/record/former', '')
      stand.write('.slipway/test/record/stage', 'up\n')
      stand.write('.slipway/test/record/run', `id before\nurl u\nbegan-at ${bad}\n`)
      stand.write('.slipway/test/runs/before/stages', `${bad} lock\n12 ${bad}\n`)
    },
  },
]

suite('text on the server is not evaluated:', () => {
  for (const shell of [['dash'], ['bash']])
    for (const { name, write } of written)
      test(`${shell.join(' ')}: ${name}`, () => {
        using stand = openStand()
        for (const image of ['one', 'two']) stand.image(image)
        assert.equal(stand.deploy([service('web', 'one')], { shell }).verdict?.kind, 'ok')
        write(stand, poison(stand))
        const { verdict, log } = stand.deploy([service('web', 'two')], { shell })
        assert.equal(verdict?.kind, 'ok', log)
        assert.equal(ran(stand), false)
      })
})

/** The variables in `$(( ))`, by the reason why each is a number. Check that a new one is a number before you add it. */
const numbers: Readonly<Record<string, string>> = {
  'the shell computes it':
    'number count watched found by_hand try layers complete beat batch patience ran left tried total created spare index behind ended_well others waiting good bad each score jobs pulled pulling',
  'it is a time from a clock':
    'seconds clock begin window logged logged_at began time last_time said end last now still steady',
  'the order checks it (order.test.ts)':
    'wait_timeout stability lock_timeout pull_timeout engine_timeout keep_releases drain waits hook_timeout asked',
  'it is checked where it is read':
    'restarted replicas grace limit holder reached turn since hold size heartbeat interval timeout retries',
  'it is the length of a text': 'slashes',
  'the caller passes a number': '1 2 3',
}

test('every variable in arithmetic is known to be a number', () => {
  const known = new Set(Object.values(numbers).flatMap(names => names.split(' ')))
  const inside = [
    ...(transactionScript + swarmScript).matchAll(
      /\$\(\(((?:[^()]|\$?\([^()]*(?:\([^()]*\))?[^()]*\))*)\)\)/g,
    ),
  ]
  const names = inside.flatMap(([, text = '']) => {
    const alone = text.replaceAll(/\$\([^()]*(?:"\$\w+")?[^()]*\)/g, '')
    return [...alone.matchAll(/[A-Za-z_]\w*|(?<=\$)\d/g)].map(([name]) => name)
  })
  assert.ok(inside.length > 40, `${inside.length}`)
  assert.deepEqual(
    [...new Set<string>(names)].filter(name => !known.has(name)),
    [],
  )
})

/**
 * The variables that `echo` prints, by the reason why none contains a backslash, which the `echo` of dash interprets. Any
 * other text needs `printf '%s\n'`.
 */
const plain: Readonly<Record<string, string>> = {
  'the shell computes it':
    'address complete count ended_with first highest hold last layers left limit list most number ran restarted text up now hash',
  'it is a name of Compose, a word of the order, or a list of them':
    'name project relayed started_first word id run_id replicas removed restored',
  'it is a container, a port, or an image reference, which the engine checks':
    'container declared image new old old_reference found 1 2 4',
  'the line uses it for something else': 'docker_words limiter newline record rest run state value',
}

test('every variable that echo prints has no backslash', () => {
  const known = new Set(Object.values(plain).flatMap(names => names.split(' ')))
  const printed = (transactionScript + swarmScript)
    .split('\n')
    .flatMap(line => /^(?!\s*#).*?\becho\b(.*)/.exec(line)?.[1] ?? [])
    .flatMap(text => [...text.matchAll(/\$\{?([A-Za-z_]\w*|\d)/g)].map(([, name = '']) => name))
  assert.ok(printed.length > 40, `${printed.length}`)
  assert.deepEqual(
    [...new Set<string>(printed)].filter(name => !known.has(name)),
    [],
  )
})

test('an event is one line, also from a function that splits lists at line ends', () => {
  using stand = openStand()
  const { log } = stand.call('IFS="$newline"; fail not-writable "the list of $run"; say two words')
  assert.match(log, /^\u001efail not-writable the list of \/.*$/m)
  assert.match(log, /^two words$/m)
})
