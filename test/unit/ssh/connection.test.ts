import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../../../src/core/errors.ts'
import { type Connection, connect } from '../../../src/ssh/connection.ts'
import type { HostKeyTrust, SshPlan } from '../../../src/ssh/plan.ts'
import { hardWord, sequence } from './shells.ts'
import { noSshd, planFor, type Sshd, startSshd } from './sshd.ts'

suite('commands on the server', { skip: noSshd, concurrency: true }, () => {
  let sshd: Sshd
  let connection: Connection
  before(async () => {
    sshd = await startSshd()
    connection = await connect(planFor(sshd))
  })
  after(async () => {
    await connection.close()
    await sshd[Symbol.asyncDispose]()
  })
  const run: Connection['run'] = (...args) => connection.run(...args)

  test('their target is named for people', () => {
    assert.equal(connection.target, `${sshd.user}@127.0.0.1:${sshd.port}`)
  })

  test('exit code and both streams, apart', async () => {
    const outcome = await run({ file: 'sh', args: ['-c', 'echo out; echo err >&2; exit 3'] })
    assert.deepEqual(outcome, { code: 3, stdout: 'out\n', stderr: 'err\n' })
  })

  test('output as it is: no end cut off, none added', async () => {
    const { stdout } = await run({ file: 'printf', args: ['\\n a\\n\\n'] })
    assert.equal(stdout, '\n a\n\n')
  })

  test('hard words', async () => {
    const pick = sequence(3)
    const words = Array.from({ length: 100 }, () => hardWord(pick))
    const { stdout } = await run({ file: 'printf', args: ['%s\\0', ...words] })
    assert.deepEqual(stdout.split('\0').slice(0, -1), words)
  })

  test('no such file', async () => {
    const { code, stderr } = await run({ file: 'no-such-command', args: [] })
    assert.equal(code, 127)
    assert.match(stderr, /no-such-command.*not found/)
  })

  test('killed by a signal: null', async () => {
    const { code, stdout } = await run({ file: 'sh', args: ['-c', 'echo begun; kill -9 $$'] })
    assert.equal(code, null)
    assert.equal(stdout, 'begun\n')
  })

  test('stdin of 5 MB, binary, and its end', async () => {
    const bytes = randomBytes(5_000_000)
    const { code, stdout } = await run({ file: 'sha256sum', args: [], stdin: bytes })
    const { createHash } = await import('node:crypto')
    assert.equal(code, 0)
    assert.equal(stdout.split(' ')[0], createHash('sha256').update(bytes).digest('hex'))
  })

  test('no stdin is an empty one', async () => {
    assert.deepEqual(await run({ file: 'cat', args: [] }), { code: 0, stdout: '', stderr: '' })
  })

  test('stdin that the command does not read', async () => {
    const { code } = await run({ file: 'true', args: [], stdin: Buffer.alloc(5_000_000) })
    assert.equal(code, 0)
  })

  test('5 MB on both streams at once', async () => {
    const script = 'head -c 5000000 /dev/zero & head -c 5000000 /dev/zero >&2; wait'
    const { stdout, stderr } = await run({ file: 'sh', args: ['-c', script] })
    assert.deepEqual([stdout.length, stderr.length], [5_000_000, 5_000_000])
  })

  test('characters that two chunks share', async () => {
    const script = `printf '\\342'; sleep 0.05; printf '\\202'; sleep 0.05; printf '\\254\\n'`
    const lines: string[] = []
    const { stdout } = await run({ file: 'sh', args: ['-c', script] }, { onLine: line => lines.push(line) })
    assert.equal(stdout, '€\n')
    assert.deepEqual(lines, ['€'])
  })

  test('whole lines as they come', async () => {
    const seen: string[] = []
    const told = join(sshd.directory, 'told')
    // The rest comes only when the first line has been told, or far too late.
    const wait = `for i in $(seq 100); do test -e ${told} && break; sleep 0.1; done`
    const script = `printf a; sleep 0.1; echo b; ${wait}; test -e ${told} && echo e >&2; printf c`
    await run(
      { file: 'sh', args: ['-c', script] },
      {
        onLine(line, stream) {
          seen.push(`${stream} ${line}`)
          writeFileSync(told, '')
        },
      },
    )
    assert.deepEqual(seen.toSorted(), ['stderr e', 'stdout ab', 'stdout c'])
  })

  for (const timeout of [1, 2000]) {
    test(`a command ends after ${timeout} ms, with all that it started`, async () => {
      const file = join(sshd.directory, `alive${timeout}`)
      writeFileSync(file, '')
      const script = `(trap '' HUP; while :; do echo x >> ${file}; sleep 0.1; done) & wait`
      const begin = performance.now()
      const { code } = await run({ file: 'sh', args: ['-c', script] }, { timeout })
      assert.ok(performance.now() - begin < 10_000)
      assert.equal(code, null)
      if (timeout === 1) await sleep(1000)
      let size = -1
      for (let tries = 0; tries < 10 && size !== statSync(file).size; tries += 1) {
        size = statSync(file).size
        await sleep(400)
      }
      assert.equal(statSync(file).size, size, 'it goes on')
    })
  }

  test('a command ends when it is called off', async () => {
    const begin = performance.now()
    const { code } = await run({ file: 'sleep', args: ['30'] }, { signal: AbortSignal.timeout(300) })
    assert.equal(code, null)
    assert.ok(performance.now() - begin < 10_000)
  })

  test('what a listener throws comes out, and the connection stays', async () => {
    const fault = new Error('ours')
    const running = run(
      { file: 'sh', args: ['-c', 'echo a; sleep 9'] },
      {
        onLine() {
          throw fault
        },
      },
    )
    await assert.rejects(running, error => error === fault)
    assert.equal(connection.dropped(), false)
  })

  test('one that is called off before it begins does not', async () => {
    const file = join(sshd.directory, 'never')
    const { code } = await run({ file: 'touch', args: [file] }, { signal: AbortSignal.abort() })
    assert.equal(code, null)
    assert.equal(existsSync(file), false)
  })

  test('twelve at once', async () => {
    const numbers = Array.from({ length: 12 }, (_, index) => String(index))
    const outcomes = await Promise.all(numbers.map(number => run({ file: 'echo', args: [number] })))
    assert.deepEqual(
      outcomes.map(({ stdout }) => stdout.trim()),
      numbers,
    )
  })
})

suite('other servers', { skip: noSshd, concurrency: true }, () => {
  test('MaxSessions 1: one command after the other', async () => {
    await using sshd = await startSshd({ config: 'MaxSessions 1' })
    await using connection = await connect(planFor(sshd))
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, (_, index) => connection.run({ file: 'echo', args: [String(index)] })),
    )
    assert.deepEqual(
      outcomes.map(({ stdout }) => stdout.trim()),
      ['0', '1', '2', '3', '4', '5'],
    )
  })

  test('a forced command is told from ours, though it ends with 0', async () => {
    await using sshd = await startSshd({ keyOptions: 'command="echo $SSH_ORIGINAL_COMMAND; echo go away"' })
    await using connection = await connect(planFor(sshd))
    await assert.rejects(connection.run({ file: 'docker', args: ['ps'] }), (error: unknown) => {
      assert.ok(error instanceof Failure)
      assert.match(error.problems[0]?.cause ?? '', /did not run `docker`: the login shell ended with 0/)
      assert.match(error.problems[0]?.output ?? '', /go away/)
      return true
    })
  })

  test('a shell that prints before the command', async () => {
    const command = 'echo "Welcome!"; echo "stty: no tty" >&2; eval "$SSH_ORIGINAL_COMMAND"'
    await using sshd = await startSshd({ keyOptions: `command="${command.replaceAll('"', '\\"')}"` })
    await using connection = await connect(planFor(sshd))
    const lines: string[] = []
    const outcome = await connection.run({ file: 'echo', args: ['{}'] }, { onLine: line => lines.push(line) })
    assert.deepEqual(outcome, { code: 0, stdout: '{}\n', stderr: '' })
    assert.deepEqual(lines, ['{}'])
  })

  test('through a jump host, where both host keys are verified', async () => {
    await using server = await startSshd()
    await using jump = await startSshd({ config: `AuthorizedKeysFile ${server.directory}/authorized_keys` })
    const hostKey = { kind: 'known-hosts', lines: server.knownHosts + jump.knownHosts } as const
    const plan: SshPlan = {
      ...planFor(server),
      jump: { host: '127.0.0.1', port: jump.port, user: jump.user, hostKey },
      hostKey,
    }
    const withJumpKey = (hostKey: HostKeyTrust): SshPlan => ({
      ...plan,
      jump: { host: '127.0.0.1', port: jump.port, user: jump.user, hostKey },
    })
    const connection = await connect(plan)
    assert.equal((await connection.run({ file: 'echo', args: ['there'] })).stdout, 'there\n')
    await connection.close()
    await assert.rejects(
      connect(withJumpKey({ kind: 'known-hosts', lines: server.knownHosts })),
      (error: unknown) => {
        assert.ok(error instanceof Failure)
        assert.match(
          error.problems[0]?.cause ?? '',
          new RegExp(`host key of 127.0.0.1 \\(port ${jump.port}\\) is not in`),
        )
        return true
      },
    )
    assert.match(await server.end(), /Accepted publickey/)
    assert.match(await jump.end(), /Accepted publickey/)
  })
})
