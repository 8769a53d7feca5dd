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

  test('the target is `user@host:port`', () => {
    assert.equal(connection.target, `${sshd.user}@127.0.0.1:${sshd.port}`)
  })

  test('exit code, stdout and stderr', async () => {
    const outcome = await run({ file: 'sh', args: ['-c', 'echo out; echo err >&2; exit 3'] })
    assert.deepEqual(outcome, { code: 3, stdout: 'out\n', stderr: 'err\n' })
  })

  test('output is unchanged: no newline removed or added', async () => {
    const { stdout } = await run({ file: 'printf', args: ['\\n a\\n\\n'] })
    assert.equal(stdout, '\n a\n\n')
  })

  test('arguments with special characters', async () => {
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

  test('a command killed by a signal has the exit code null', async () => {
    const { code, stdout } = await run({ file: 'sh', args: ['-c', 'echo begun; kill -9 $$'] })
    assert.equal(code, null)
    assert.equal(stdout, 'begun\n')
  })

  test('5 MB of binary stdin, up to its end', async () => {
    const bytes = randomBytes(5_000_000)
    const { code, stdout } = await run({ file: 'sha256sum', args: [], stdin: bytes })
    const { createHash } = await import('node:crypto')
    assert.equal(code, 0)
    assert.equal(stdout.split(' ')[0], createHash('sha256').update(bytes).digest('hex'))
  })

  test('without stdin, the command reads an empty one', async () => {
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

  test('a character split across chunks', async () => {
    const script = `printf '\\342'; sleep 0.05; printf '\\202'; sleep 0.05; printf '\\254\\n'`
    const lines: string[] = []
    const { stdout } = await run({ file: 'sh', args: ['-c', script] }, { onLine: line => lines.push(line) })
    assert.equal(stdout, '€\n')
    assert.deepEqual(lines, ['€'])
  })

  test('complete lines are passed on while the command runs', async () => {
    const seen: string[] = []
    const reported = join(sshd.directory, 'reported')
    // The command waits until its first line has been reported, for at most 10 s.
    const wait = `for i in $(seq 100); do test -e ${reported} && break; sleep 0.1; done`
    const script = `printf a; sleep 0.1; echo b; ${wait}; test -e ${reported} && echo e >&2; printf c`
    await run(
      { file: 'sh', args: ['-c', script] },
      {
        onLine(line, stream) {
          seen.push(`${stream} ${line}`)
          writeFileSync(reported, '')
        },
      },
    )
    assert.deepEqual(seen.toSorted(), ['stderr e', 'stdout ab', 'stdout c'])
  })

  for (const timeout of [1, 2000]) {
    test(`a timeout of ${timeout} ms ends the command and all its child processes`, async () => {
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
      assert.equal(statSync(file).size, size, 'the child process still runs')
    })
  }

  test('an abort ends the command', async () => {
    const begin = performance.now()
    const { code } = await run({ file: 'sleep', args: ['30'] }, { signal: AbortSignal.timeout(300) })
    assert.equal(code, null)
    assert.ok(performance.now() - begin < 10_000)
  })

  test('an error thrown by a listener is passed on, and the connection stays open', async () => {
    const thrown = new Error('ours')
    const running = run(
      { file: 'sh', args: ['-c', 'echo a; sleep 9'] },
      {
        onLine() {
          throw thrown
        },
      },
    )
    await assert.rejects(running, error => error === thrown)
    assert.equal(connection.dropped(), false)
  })

  test('a command aborted before it starts does not run', async () => {
    const file = join(sshd.directory, 'never')
    const { code } = await run({ file: 'touch', args: [file] }, { signal: AbortSignal.abort() })
    assert.equal(code, null)
    assert.equal(existsSync(file), false)
  })

  test('twelve commands at once', async () => {
    const numbers = Array.from({ length: 12 }, (_, index) => String(index))
    const outcomes = await Promise.all(numbers.map(number => run({ file: 'echo', args: [number] })))
    assert.deepEqual(
      outcomes.map(({ stdout }) => stdout.trim()),
      numbers,
    )
  })
})

suite('servers with special settings', { skip: noSshd, concurrency: true }, () => {
  test('MaxSessions 1: commands run one after the other', async () => {
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

  test('a forced command is not taken for ours, even if it exits with 0', async () => {
    await using sshd = await startSshd({ keyOptions: 'command="echo $SSH_ORIGINAL_COMMAND; echo go away"' })
    await using connection = await connect(planFor(sshd))
    await assert.rejects(connection.run({ file: 'docker', args: ['ps'] }), (error: unknown) => {
      assert.ok(error instanceof Failure)
      assert.match(
        error.problems[0]?.cause ?? '',
        /did not run `docker`: the login shell ended first, with exit code 0/,
      )
      assert.match(error.problems[0]?.output ?? '', /go away/)
      return true
    })
  })

  test('a login shell that prints before the command', async () => {
    const command = 'echo "Welcome!"; echo "stty: no tty" >&2; eval "$SSH_ORIGINAL_COMMAND"'
    await using sshd = await startSshd({ keyOptions: `command="${command.replaceAll('"', '\\"')}"` })
    await using connection = await connect(planFor(sshd))
    const lines: string[] = []
    const outcome = await connection.run({ file: 'echo', args: ['{}'] }, { onLine: line => lines.push(line) })
    assert.deepEqual(outcome, { code: 0, stdout: '{}\n', stderr: '' })
    assert.deepEqual(lines, ['{}'])
  })

  test('a jump host: both host keys are verified', async () => {
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
