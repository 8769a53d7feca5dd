import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../../../src/core/errors.ts'
import { connect } from '../../../src/ssh/connection.ts'
import type { SshPlan } from '../../../src/ssh/plan.ts'
import { startProxy } from './proxy.ts'
import { noSshd, planFor, startSshd } from './sshd.ts'

suite('a connection that drops', { skip: noSshd, concurrency: true }, () => {
  /** Milliseconds. The commands would run for 30 s. */
  const within = 15_000
  for (const how of ['fin', 'rst', 'garbage', 'silence'] as const) {
    test(`${how}: the command ends without an exit code`, async () => {
      await using sshd = await startSshd()
      await using proxy = await startProxy(sshd.port)
      await using connection = await connect(planFor(sshd, proxy.port))
      let begin = 0
      const onLine = () => {
        begin = performance.now()
        proxy.cut(how)
      }
      const outcome = await connection.run({ file: 'sh', args: ['-c', 'echo begun; sleep 30'] }, { onLine })
      assert.deepEqual(outcome, { code: null, stdout: 'begun\n', stderr: '' })
      assert.ok(performance.now() - begin < within, `it took ${performance.now() - begin} ms`)
      assert.equal(connection.dropped(), true)
      assert.equal(typeof (await connection.onDrop), 'string')
      await assert.rejects(connection.run({ file: 'true', args: [] }), (error: unknown) => {
        assert.ok(error instanceof Failure)
        assert.match(error.problems[0]?.cause ?? '', /connection to .* was lost/)
        return true
      })
    })
  }

  test('silence between the runner and the jump host', async () => {
    await using server = await startSshd()
    await using jump = await startSshd({ config: `AuthorizedKeysFile ${server.directory}/authorized_keys` })
    await using proxy = await startProxy(jump.port)
    const plan: SshPlan = {
      ...planFor(server),
      jump: { ...planFor(jump), port: proxy.port, hostKey: { kind: 'insecure' } },
      hostKey: { kind: 'insecure' },
    }
    await using connection = await connect(plan)
    let begin = 0
    const onLine = () => {
      begin = performance.now()
      proxy.cut('silence')
    }
    const { code } = await connection.run({ file: 'sh', args: ['-c', 'echo begun; sleep 30'] }, { onLine })
    assert.equal(code, null)
    assert.ok(performance.now() - begin < within, `it took ${performance.now() - begin} ms`)
  })

  test('cut at any moment: a correct outcome or a Failure, and no uncaught error', async () => {
    await using sshd = await startSshd({ config: 'MaxStartups 100' })
    const cuts = (['fin', 'rst', 'garbage'] as const).flatMap(how =>
      [0, 20, 40, 60, 80, 100, 130, 160].map(after => ({ how, after })),
    )
    const work = async ({ how, after }: (typeof cuts)[number]) => {
      await using proxy = await startProxy(sshd.port)
      const cutting = sleep(after).then(() => proxy.cut(how))
      await using connection = await connect(planFor(sshd, proxy.port), { attempts: 1, timeout: 3000 })
      const stdin = Buffer.alloc(300_000, 'a')
      const outcome = await connection.run({ file: 'cat', args: [], stdin })
      await cutting
      return outcome.code === null || outcome.stdout === stdin.toString()
    }
    const results = await Promise.allSettled(cuts.map(work))
    for (const [index, result] of results.entries()) {
      const name = JSON.stringify(cuts[index])
      if (result.status === 'fulfilled') assert.equal(result.value, true, name)
      else assert.ok(result.reason instanceof Failure, `${name}: ${result.reason}`)
    }
  })

  test('a command without output does not lose its connection', async () => {
    await using sshd = await startSshd()
    await using connection = await connect(planFor(sshd))
    assert.deepEqual(await connection.run({ file: 'sleep', args: ['5.5'] }), {
      code: 0,
      stdout: '',
      stderr: '',
    })
    assert.equal(connection.dropped(), false)
  })
})
