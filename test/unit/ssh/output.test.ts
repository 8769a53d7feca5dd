/** The output of a command is separated from that of the login shell, and its size is limited. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { Failure } from '../../../src/core/errors.ts'
import { connect } from '../../../src/ssh/connection.ts'
import { parseStream } from '../../../src/ssh/output.ts'
import { remoteCommand } from '../../../src/ssh/remote-command.ts'
import { noSshd, planFor, startSshd } from './sshd.ts'

const script = 'echo "{}"; echo "no" >&2; exit 3'

suite('a login shell that prints', { skip: noSshd, concurrency: true }, () => {
  for (const { name, shell } of [
    {
      name: 'before the command',
      shell: 'echo "Welcome!"; echo odd >&2; eval "$SSH_ORIGINAL_COMMAND"',
    },
    { name: 'after the command', shell: 'eval "$SSH_ORIGINAL_COMMAND"; echo bye; echo odd >&2' },
    { name: 'on exit', shell: 'trap "echo bye; echo odd >&2" EXIT; eval "$SSH_ORIGINAL_COMMAND"' },
    {
      name: 'on exit, and exits with 0',
      shell: 'trap "echo bye; exit 0" EXIT; eval "$SSH_ORIGINAL_COMMAND"',
    },
    {
      name: 'a forged mark',
      shell: 'printf "\\036slipway 7 end 0\\036"; eval "$SSH_ORIGINAL_COMMAND"',
    },
  ]) {
    test(`${name}: the output and the exit code are those of the command`, async () => {
      await using sshd = await startSshd({ keyOptions: `command="${shell.replaceAll('"', '\\"')}"` })
      await using connection = await connect(planFor(sshd))
      const command = { file: 'sh', args: ['-c', script] }
      assert.deepEqual(await connection.run(command), { code: 3, stdout: '{}\n', stderr: 'no\n' })
      const chunks: Buffer[] = []
      const streamed = await connection.run(command, { onStdout: chunk => chunks.push(chunk) })
      assert.equal(Buffer.concat(chunks).toString(), '{}\n')
      assert.deepEqual(streamed, { code: 3, stdout: '', stderr: 'no\n' })
    })
  }

  test('a command whose output looks like a mark', async () => {
    await using sshd = await startSshd()
    await using connection = await connect(planFor(sshd))
    const text = '\x1e \x1eslip \x1eslipway 0123 end 0\x1e\x1eslipway '
    for (const script of ['printf %s "$1"', 'printf %s "$1" | while read -rN1 c; do printf %s "$c"; done']) {
      const { stdout, code } = await connection.run({ file: 'bash', args: ['-c', script, 'sh', text] })
      assert.deepEqual({ stdout, code }, { stdout: text, code: 0 })
    }
  })
})

test('both marks are found in one large chunk', () => {
  const { marks } = remoteCommand({ file: 'true', args: [] }, 'token')
  const chunks: Buffer[] = []
  const parser = parseStream(
    marks,
    () => true,
    chunk => chunks.push(chunk),
  )
  const output = Buffer.alloc(100_000, 'x')
  const all = ['hello', '\x1eslipway token 12\x1e', output, '\x1eslipway token end 3\x1e', 'bye'].map(part =>
    Buffer.from(part),
  )
  parser.write(Buffer.concat(all))
  assert.equal(Buffer.concat(chunks).equals(output), true)
  assert.deepEqual([parser.before(), parser.pid(), parser.code()], ['hello', 12, 3])
})

/** Prints far more than any of the limits. */
const flood = 'head -c 120000000 /dev/zero'

suite('a server that keeps writing', { skip: noSshd, concurrency: true }, () => {
  const refused = async (running: Promise<unknown>, megabytes: number) =>
    assert.rejects(running, (error: unknown) => {
      assert.ok(error instanceof Failure)
      assert.match(error.problems[0]?.cause ?? '', new RegExp(`sent more than ${megabytes} MB`))
      assert.ok(error.problems[0]?.remedy)
      return true
    })

  for (const { name, shell, where } of [
    { name: 'instead of the command', shell: flood, where: 'stdout' },
    { name: 'before the command', shell: `${flood}; eval "$SSH_ORIGINAL_COMMAND"`, where: 'stdout' },
    {
      name: 'before the command, on stderr',
      shell: `${flood} >&2; eval "$SSH_ORIGINAL_COMMAND"`,
      where: 'stderr',
    },
    { name: 'after the command', shell: `eval "$SSH_ORIGINAL_COMMAND"; ${flood}`, where: 'stdout' },
  ]) {
    test(`output ${name} is refused`, async () => {
      await using sshd = await startSshd({ keyOptions: `command="${shell.replaceAll('"', '\\"')}"` })
      await using connection = await connect(planFor(sshd))
      await refused(connection.run({ file: 'true', args: [] }), 16)
      assert.equal(connection.dropped(), false, where)
    })
  }

  for (const { name, options, megabytes } of [
    { name: 'collected output', options: {}, megabytes: 16 },
    { name: 'collected output with a line listener', options: { onLine: () => {} }, megabytes: 16 },
    { name: 'streamed output', options: { onStdout: () => {} }, megabytes: 64 },
  ]) {
    test(`${name} is refused, and the command is ended`, async () => {
      await using sshd = await startSshd()
      await using connection = await connect(planFor(sshd))
      const file = join(sshd.directory, 'ended')
      const script = `trap 'touch ${file}; exit' TERM; ${flood}; sleep 60 & wait`
      await refused(connection.run({ file: 'sh', args: ['-c', script] }, options), megabytes)
      const { code } = await connection.run({
        file: 'sh',
        args: ['-c', `for i in $(seq 100); do test -e ${file} && exit 0; sleep 0.1; done; exit 1`],
      })
      assert.equal(code, 0)
    })
  }

  test('the output does not fill the memory', async () => {
    await using sshd = await startSshd()
    const child = spawn(
      process.execPath,
      [
        '--import',
        new URL('../../text-modules.mjs', import.meta.url).href,
        memoryOf,
        JSON.stringify(planFor(sshd)),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let text = ''
    child.stdout.on('data', chunk => {
      text += chunk
    })
    await once(child, 'close')
    const { before, peak, cause } = JSON.parse(text) as Record<string, number | string>
    assert.match(String(cause), /sent more than 16 MB/)
    assert.ok(Number(peak) - Number(before) < 100_000, `${before} kB, then ${peak} kB`)
  })
})

const memoryOf = new URL('measure-memory.ts', import.meta.url).pathname
