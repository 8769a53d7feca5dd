/** Settles the state that an interrupted run left on a manager. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { suite, test } from 'node:test'
import { type Order, orderText, settleText } from '../../../../src/deploy/order.ts'
import { swarmScript } from '../../../../src/deploy/script.ts'
import { parseVerdict } from '../../../../src/deploy/verdict.ts'
import { exactImage } from '../../../../src/image/reference.ts'
import { digest, server, service } from '../compose-host/preflight/facts.ts'

const imageOf = (number: string) => exactImage({ registry: 'reg.example', repository: 'app' }, digest(number))

/** A manager that is simulated by files (engine.sh), whose only service `web` runs image 1. */
class Manager implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'slipway-manager-'))
  readonly state = join(this.directory, '.slipway/swarm.services')

  constructor() {
    copyFileSync(new URL('engine.sh', import.meta.url), join(this.directory, 'docker'))
    for (const [name, text] of Object.entries({ mark: '', image: imageOf('1'), state: 'completed' })) {
      writeFileSync(join(this.directory, name), `${text}\n`)
      writeFileSync(join(this.directory, `${name}.before`), '')
    }
  }

  [Symbol.dispose]() {
    rmSync(this.directory, { recursive: true })
  }

  read = (file: string): string => readFileSync(join(this.directory, file), 'utf8').trim()

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.state, file)), { recursive: true })
    writeFileSync(join(this.state, file), text)
  }

  /** Kills the transaction at the first call that matches a pattern, before or after the call. */
  cutAt(pattern: string, when: 'on' | 'after' = 'on'): void {
    const cut = `: >"$here/done"; kill -9 "$(cat "$here/pid")"; exit 137`
    const text = `case "$call" in ${pattern}) [ -e "$here/done" ] || { ${cut}; } ;; esac\n`
    writeFileSync(join(this.directory, when), text)
  }

  order(image: string): Order {
    const facts = server({ services: [service('web', { stopGracePeriod: 1 })] })
    const { directory } = this
    return {
      plan: {
        waitTimeout: 5,
        stability: 0,
        rollback: true,
        rollbackTo: undefined,
        lockTimeout: 5,
        keepReleases: 3,
        drain: 0,
        withdraw: 'none',
        proxyReload: '',
      },
      facts: {
        ...facts,
        tools: { ...facts.tools, docker: [join(directory, 'docker')] },
        project: { ...facts.project, name: 'swarm.services', directory, base: directory, files: [] },
        swarm: { stack: undefined, nodes: [], heartbeat: 5 },
      },
      services: [{ name: 'web', reference: 'reg.example/app', image: imageOf(image) }],
      envSet: {},
      credentials: [],
      run: {
        url: 'https://github.example/octo/app/actions/runs/1',
        actor: 'me',
        commit: 'abc',
        workflow: 'CI',
        ref: 'refs/heads/main',
        number: 7,
        tags: ['latest'],
      },
    }
  }

  run(id: string, input: string, script = swarmScript) {
    this.write(`runs/${id}/script`, script)
    const place = join(this.state, 'runs', id)
    const words = ['-c', 'echo $$ >"$0/pid"; exec "$@"', this.directory, 'dash', `${place}/script`, 'run']
    const { stdout, stderr } = spawnSync('sh', words, { input, encoding: 'utf8' })
    return { log: stdout + stderr, verdict: this.verdict(id) }
  }

  verdict(id: string) {
    const file = join(this.state, 'runs', id, 'verdict')
    return existsSync(file) ? parseVerdict(readFileSync(file, 'utf8').trimEnd().split('\n')) : undefined
  }
}

test('a deploy to a simulated manager succeeds', () => {
  using manager = new Manager()
  const { verdict, log } = manager.run('first', orderText(manager.order('2')))
  assert.equal(verdict?.kind, 'ok', log)
  assert.equal(manager.read('image'), imageOf('2'))
  assert.deepEqual(verdict.places, [{ service: 'web', node: 'node1', tasks: 1 }])
})

test('a deploy whose tasks fail is rolled back, and reports why', () => {
  using manager = new Manager()
  const failed = 'task|task.$image|shutdown|failed|n1|$image||task: non-zero exit (3)'
  writeFileSync(
    join(manager.directory, 'on'),
    `image=$(cat "$here/image")\ncase "$call" in *'inspect --type task'*"task.${imageOf('2')}") for n in 1 2 3; do echo "${failed}"; done; exit ;; esac\n`,
  )
  const { verdict, log } = manager.run('first', orderText(manager.order('2')))
  assert.equal(verdict?.kind, 'rolled-back', log)
  assert.equal(verdict.code, 'tasks-fail')
  assert.match(verdict.reason ?? '', /^web: its tasks keep exiting: task: non-zero exit \(3\)/)
  assert.equal(manager.read('image'), imageOf('1'))
})

test('a rollback that Swarm has paused is resumed', () => {
  using manager = new Manager()
  const failed = 'task|task.$image|shutdown|failed|n1|$image||task: non-zero exit (3)'
  writeFileSync(
    join(manager.directory, 'on'),
    `image=$(cat "$here/image")
case "$call" in
  *'inspect --type task'*"task.${imageOf('2')}") for n in 1 2 3; do echo "${failed}"; done; exit ;;
  *--rollback*) echo rollback_paused >"$here/state" ;;
esac\n`,
  )
  const { verdict, log } = manager.run('first', orderText(manager.order('2')))
  assert.equal(verdict?.kind, 'rolled-back', log)
  assert.match(log, /paused the rollback/)
})

// The leader changes while the engine looks the service up, first by name, then by ID.
suite('a manager that reports the service as missing', () => {
  const rows = [
    { name: 'once, and lists it', removed: '', kind: 'ok', reason: undefined },
    {
      name: 'and does not list it',
      removed: ': >"$here/removed"',
      kind: 'broken',
      reason: 'web: the service was removed',
    },
  ] as const
  for (const { name, removed, kind, reason } of rows)
    test(name, () => {
      using manager = new Manager()
      const seen = `[ -e "$here/removed" ] || [ ! -e "$here/done" ]`
      const text = `${removed}\n: >"$here/done"; echo 'Error response from daemon: service web not found' >&2; exit 1`
      const updated = '[ -s "$here/image.before" ]'
      writeFileSync(
        join(manager.directory, 'on'),
        `case "$call" in *'service inspect --format service|'*) if ${updated} && { ${seen}; }; then ${text}; fi ;; esac\n`,
      )
      const { verdict, log } = manager.run('first', orderText(manager.order('2')))
      assert.equal(verdict?.kind, kind, log)
      if (reason !== undefined) assert.match(verdict.reason ?? '', new RegExp(reason), log)
    })
})

suite('an interrupted run on a manager', () => {
  const rows = [
    {
      name: 'while the nodes pull',
      at: '*slipway-pull-first-1\\ *',
      when: 'on',
      kind: 'unchanged',
      serves: '1',
    },
    { name: 'before the update', at: '*"service update"*', when: 'on', kind: 'unchanged', serves: '1' },
    { name: 'after the update', at: '*"service update"*', when: 'after', kind: 'ok', serves: '2' },
  ] as const
  for (const { name, at, when, kind, serves } of rows)
    test(`${name} is settled by the script and order in its record`, () => {
      using manager = new Manager()
      manager.cutAt(at, when)
      const order = manager.order('2')
      const first = manager.run(
        'first',
        orderText(order),
        swarmScript.replace(/main "\$@"\n$/, '[ "$1" != settle ] || echo "  its own script"\n$&'),
      )
      assert.equal(first.verdict, undefined, first.log)
      for (const file of ['script', 'order']) assert.ok(existsSync(`${manager.state}/record/${file}`), file)
      const { log, verdict } = manager.run('second', settleText(order, 'first'))
      assert.match(log, /its own script/)
      assert.equal(verdict?.kind, kind, log)
      assert.equal(manager.read('image'), imageOf(serves))
      assert.equal(existsSync(join(manager.directory, 'jobs')), false, 'no job that pulls is left')
      assert.deepEqual(
        verdict.places?.map(({ tasks }) => tasks),
        kind === 'ok' ? [1] : undefined,
      )
      // It leaves no state that a later run could mistake for its own.
      const third = manager.run('third', orderText(manager.order('3')))
      assert.equal(third.verdict?.kind, 'ok', third.log)
      assert.deepEqual(third.verdict.places, [{ service: 'web', node: 'node1', tasks: 1 }])
      assert.equal(existsSync(`${manager.state}/record`), false)
    })

  test('of a newer version is settled by the script of that version, and the deploy continues', () => {
    using manager = new Manager()
    const later = 'while IFS= read -r line; do echo "order: $line"; done\n[ "$1" != settle ] || rm -r "$2"\n'
    for (const [name, text] of Object.entries({ script: later, order: 'format 99\n', 'cells.bin': '\u0001' }))
      manager.write(`record/${name}`, text)
    const { verdict, log } = manager.run('next', orderText(manager.order('2')))
    assert.match(log, /^order: format 99$/m)
    assert.equal(verdict?.kind, 'ok', log)
  })

  test('of a version that left no script is settled by the script of the next run', () => {
    using manager = new Manager()
    manager.cutAt('*slipway-pull-first-1\\ *')
    manager.run('first', orderText(manager.order('2')))
    for (const name of ['script', 'order']) rmSync(`${manager.state}/record/${name}`)
    const { verdict, log } = manager.run('second', settleText(manager.order('2'), 'first'))
    assert.equal(verdict?.kind, 'unchanged', log)
  })
})
