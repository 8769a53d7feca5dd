import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import ssh2, { type AuthContext } from 'ssh2'
import { Failure, type Problem } from '../../../src/core/errors.ts'
import { connect } from '../../../src/ssh/connection.ts'
import type { Authentication, SshPlan } from '../../../src/ssh/plan.ts'
import { fingerprint } from '../../../src/ssh/wire.ts'
import { keygen, noSshd, notRoot, planFor, type Sshd, startSshd } from './sshd.ts'

async function refused(plan: SshPlan, timeout = 5000): Promise<Problem> {
  const connection = await connect(plan, { timeout }).catch((error: unknown) => {
    assert.ok(error instanceof Failure, String(error))
    return error
  })
  if (!(connection instanceof Failure)) assert.fail('the login succeeded')
  const [problem] = connection.problems
  assert.ok(problem?.remedy, 'no remedy')
  assert.doesNotMatch(JSON.stringify(problem), /falsch|geheim|PRIVATE/)
  return problem
}

async function accepted(plan: SshPlan) {
  await using connection = await connect(plan)
  assert.equal((await connection.run({ file: 'echo', args: ['in'] })).stdout, 'in\n')
}

const withKey = (sshd: Sshd, name: string, passphrase?: string): Authentication => ({
  kind: 'key',
  key: readFileSync(join(sshd.directory, name), 'utf8'),
  ...(passphrase === undefined ? {} : { passphrase }),
})

suite('login with a key', { skip: noSshd, concurrency: true }, () => {
  test('a key of every type', async () => {
    await using sshd = await startSshd()
    for (const type of ['rsa', 'ecdsa', 'ed25519']) {
      keygen('-t', type, ...(type === 'rsa' ? ['-b', '2048'] : []), '-f', join(sshd.directory, `my_${type}`))
      const line = readFileSync(join(sshd.directory, `my_${type}.pub`))
      writeFileSync(join(sshd.directory, 'authorized_keys'), line, { flag: 'a' })
      await accepted({ ...planFor(sshd), authentication: withKey(sshd, `my_${type}`) })
    }
  })

  test('an encrypted key', async () => {
    await using sshd = await startSshd()
    const path = join(sshd.directory, 'key')
    spawnSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'geheim', '-f', path])
    await accepted({ ...planFor(sshd), authentication: withKey(sshd, 'key', 'geheim') })
    const problem = await refused({ ...planFor(sshd), authentication: withKey(sshd, 'key', 'falsch') })
    assert.equal(problem.input, 'ssh-passphrase')
    assert.doesNotMatch(await sshd.end(), /Failed|Invalid/)
  })

  for (const algorithm of ['rsa-sha2-512', 'rsa-sha2-256']) {
    test(`an RSA key, if the server accepts only ${algorithm}`, async () => {
      await using sshd = await startSshd({ config: `PubkeyAcceptedAlgorithms ${algorithm}` })
      keygen('-t', 'rsa', '-b', '2048', '-f', join(sshd.directory, 'rsa'))
      writeFileSync(join(sshd.directory, 'authorized_keys'), readFileSync(join(sshd.directory, 'rsa.pub')))
      await accepted({ ...planFor(sshd), authentication: withKey(sshd, 'rsa') })
    })
  }

  test('an RSA key never signs with SHA-1', async () => {
    await using sshd = await startSshd({ config: 'PubkeyAcceptedAlgorithms ssh-rsa' })
    keygen('-t', 'rsa', '-b', '2048', '-f', join(sshd.directory, 'rsa'))
    writeFileSync(join(sshd.directory, 'authorized_keys'), readFileSync(join(sshd.directory, 'rsa.pub')))
    const problem = await refused({ ...planFor(sshd), authentication: withKey(sshd, 'rsa') })
    assert.match(problem.remedy ?? '', /may accept no RSA keys.*ssh-keygen -t ed25519/)
  })

  test('a host key that the server signs only with SHA-1 is not accepted', async () => {
    await using sshd = await startSshd({ hostKeyTypes: ['rsa'], config: 'HostKeyAlgorithms ssh-rsa' })
    const problem = await refused(planFor(sshd))
    assert.match(problem.cause, /no SSH algorithm in common/)
  })

  test('a rejected key: the error names the key and the line to add, and there is one attempt', async () => {
    await using sshd = await startSshd()
    keygen('-t', 'rsa', '-b', '2048', '-f', join(sshd.directory, 'other'))
    const [type, base64 = ''] = readFileSync(join(sshd.directory, 'other.pub'), 'utf8').split(' ')
    const problem = await refused({ ...planFor(sshd), authentication: withKey(sshd, 'other') })
    assert.equal(problem.input, 'ssh-key')
    assert.ok(
      problem.cause.includes(
        `for the user ${sshd.user}: ${type} ${fingerprint(Buffer.from(base64, 'base64'))}`,
      ),
    )
    assert.ok(problem.remedy?.includes(`${type} ${base64}`))
    assert.equal((await sshd.end()).match(/Connection from/g)?.length, 1)
  })

  test('a user that does not exist: the error contains the banner of the server', async () => {
    await using sshd = await startSshd({ config: 'Banner /etc/debian_version' })
    const problem = await refused({ ...planFor(sshd), user: 'nobody-here' })
    assert.match(problem.cause, /for the user nobody-here/)
    assert.equal(problem.output, readFileSync('/etc/debian_version', 'utf8').trim())
  })

  test('a server that does not allow keys', async () => {
    await using sshd = await startSshd({ config: 'PubkeyAuthentication no\nPasswordAuthentication yes' })
    const problem = await refused(planFor(sshd))
    assert.match(problem.cause, /does not allow `ssh-key` for the user .*: it accepts password/)
  })
})

suite('login with the agent', { skip: noSshd, concurrency: true }, () => {
  async function withAgent(body: (socket: string, sshd: Sshd) => Promise<void>, config = '') {
    await using sshd = await startSshd({ config })
    const socket = join(sshd.directory, 'agent')
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] })
    await once(agent.stdout, 'data')
    try {
      await body(socket, sshd)
    } finally {
      agent.kill()
    }
  }

  test('an agent that has the key', () =>
    withAgent(async (socket, sshd) => {
      const added = spawnSync('ssh-add', ['-q', join(sshd.directory, 'key')], {
        env: { ...process.env, SSH_AUTH_SOCK: socket },
      })
      assert.equal(added.status, 0, String(added.stderr))
      await accepted({ ...planFor(sshd), authentication: { kind: 'agent', socket } })
    }))

  for (const algorithm of ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519']) {
    test(`an agent with an RSA key and another key, if the server accepts only ${algorithm}`, () =>
      withAgent(async (socket, sshd) => {
        keygen('-t', 'rsa', '-b', '2048', '-f', join(sshd.directory, 'rsa'))
        const line = readFileSync(join(sshd.directory, 'rsa.pub'))
        writeFileSync(join(sshd.directory, 'authorized_keys'), line, { flag: 'a' })
        const files = ['rsa', 'key'].map(name => join(sshd.directory, name))
        const { status } = spawnSync('ssh-add', ['-q', ...files], {
          env: { ...process.env, SSH_AUTH_SOCK: socket },
        })
        assert.equal(status, 0)
        await accepted({ ...planFor(sshd), authentication: { kind: 'agent', socket } })
      }, `PubkeyAcceptedAlgorithms ${algorithm}`))
  }

  test('an agent without keys', () =>
    withAgent(async (socket, sshd) => {
      const problem = await refused({ ...planFor(sshd), authentication: { kind: 'agent', socket } })
      assert.match(problem.cause, /accepts no key of the agent/)
    }))

  test('an agent that is not running', async () => {
    await using sshd = await startSshd()
    const problem = await refused({
      ...planFor(sshd),
      authentication: { kind: 'agent', socket: '/no/agent' },
    })
    assert.match(problem.cause, /agent at SSH_AUTH_SOCK cannot be used/)
  })
})

const hash = spawnSync('openssl', ['passwd', '-6', 'ge heim'], { encoding: 'utf8' }).stdout.trim()
const users = {
  passwd: 'tester:x:0:0::/tmp:/bin/sh',
  shadow: `tester:${hash}:19000:0:99999:7:::`,
}
const byPassword = (sshd: Sshd, password: string): SshPlan => ({
  ...planFor(sshd),
  user: 'tester',
  authentication: { kind: 'password', password },
})

suite('login with a password', { skip: noSshd || notRoot, concurrency: true }, () => {
  for (const { name, config } of [
    { name: 'password', config: 'PasswordAuthentication yes' },
    {
      name: 'keyboard-interactive',
      config: 'UsePAM yes\nKbdInteractiveAuthentication yes\nPubkeyAuthentication no',
    },
  ]) {
    test(`${name}: the right password, and one attempt with a wrong one`, async () => {
      await using sshd = await startSshd({ config, users })
      await accepted(byPassword(sshd, 'ge heim'))
      const problem = await refused(byPassword(sshd, 'falsch'))
      assert.equal(problem.input, 'ssh-password')
      assert.match(problem.cause, /does not accept `ssh-password` for the user tester/)
      const log = await sshd.end()
      assert.equal(log.match(/^(Failed password|PAM: Authentication failure)/gm)?.length, 1, log)
    })
  }

  test('a server that does not allow passwords', async () => {
    await using sshd = await startSshd({ users })
    const problem = await refused(byPassword(sshd, 'ge heim'))
    assert.match(problem.cause, /does not allow `ssh-password` for the user tester: it accepts publickey/)
    assert.match(problem.remedy ?? '', /Set `ssh-key`/)
  })

  test('with a key, if the server requires both', async () => {
    const config = 'PasswordAuthentication yes\nAuthenticationMethods publickey,password'
    await using sshd = await startSshd({ config, users })
    const plan = { ...planFor(sshd), user: 'tester' }
    await accepted({ ...plan, authentication: { kind: 'key', key: sshd.key, password: 'ge heim' } })
    const problem = await refused(plan)
    assert.match(
      problem.cause,
      /accepted the key of tester, but requires another credential: it accepts password/,
    )
  })

  test('with a key that the server does not know', async () => {
    await using sshd = await startSshd({ config: 'PasswordAuthentication yes', users })
    keygen('-t', 'ed25519', '-f', join(sshd.directory, 'other'))
    const key = readFileSync(join(sshd.directory, 'other'), 'utf8')
    const plan = { ...planFor(sshd), user: 'tester' }
    await accepted({ ...plan, authentication: { kind: 'key', key, password: 'ge heim' } })
    const problem = await refused({ ...plan, authentication: { kind: 'key', key, password: 'falsch' } })
    assert.match(problem.cause, /does not accept `ssh-key`, nor `ssh-password`/)
  })
})

suite('a login that succeeds but runs no commands', { skip: noSshd || notRoot, concurrency: true }, () => {
  const rows = [
    {
      name: 'an expired password',
      user: `tester:${hash}:1:0:30:7:::`,
      shell: '/bin/sh',
      authentication: { kind: 'password', password: 'ge heim' } as const,
      expected: [/password of tester@.* has expired/, /sudo passwd tester/],
    },
    {
      name: 'nologin',
      user: 'tester:*:19000:0:99999:7:::',
      shell: '/usr/sbin/nologin',
      expected: [/tester@.* may not log in: .*`nologin`/, /chsh -s \/bin\/sh tester/],
    },
    {
      name: 'rbash',
      user: 'tester:*:19000:0:99999:7:::',
      shell: '/bin/rbash',
      expected: [/restricted login shell \(`rbash`\)/, /chsh -s \/bin\/bash tester/],
    },
    {
      name: 'a shell that exits immediately',
      user: 'tester:*:19000:0:99999:7:::',
      shell: '/bin/false',
      expected: [/the login shell ended first, with exit code 1/, /ordinary shell/],
    },
  ]
  for (const { name, user: shadow, shell, authentication, expected } of rows) {
    test(name, { skip: !existsSync(shell) && `needs ${shell}` }, async () => {
      const passwd = `tester:x:0:0::/tmp:${shell}`
      await using sshd = await startSshd({ config: 'PasswordAuthentication yes', users: { passwd, shadow } })
      const plan = { ...planFor(sshd), user: 'tester', ...(authentication && { authentication }) }
      await using connection = await connect(plan)
      await assert.rejects(connection.run({ file: 'true', args: [] }), (error: unknown) => {
        assert.ok(error instanceof Failure)
        const [problem] = error.problems
        assert.match(problem?.cause ?? '', expected[0] as RegExp)
        assert.match(problem?.remedy ?? '', expected[1] as RegExp)
        return true
      })
    })
  }
})

/** Starts a server that handles a login in a way that sshd cannot be configured to. */
async function oddServer(onLogin: (context: AuthContext, end: () => void) => void) {
  const { private: hostKey } = ssh2.utils.generateKeyPairSync('ed25519')
  let count = 0
  const server = new ssh2.Server({ hostKeys: [hostKey] }, client => {
    count += 1
    client.on('authentication', context => onLogin(context, () => client.end())).on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const plan: SshPlan = {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    user: 'tester',
    authentication: { kind: 'password', password: 'geheim' },
    hostKey: { kind: 'insecure' },
  }
  return { plan, count: () => count, [Symbol.dispose]: () => void server.close() }
}

suite('a server that handles the login in another way', { concurrency: true }, () => {
  test('asks for a second factor', async () => {
    const answers: string[][] = []
    using server = await oddServer(context => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
      context.prompt([{ prompt: 'Passwort: ', echo: false }], first => {
        answers.push(first)
        context.prompt([{ prompt: 'Verification code: ', echo: false }], second => {
          answers.push(second)
          context.reject(['keyboard-interactive'])
        })
      })
    })
    const problem = await refused(server.plan)
    assert.match(problem.cause, /asks tester for more than a password: Verification code:/)
    assert.deepEqual(answers, [['geheim'], ['']])
  })

  test('asks for a new password', async () => {
    using server = await oddServer(context => {
      if (context.method !== 'password') return context.reject(['password'])
      context.requestChange('Your password has expired', () => context.reject())
    })
    assert.match((await refused(server.plan)).cause, /password of tester on .* has expired/)
  })

  test('closes the connection, and there is no retry', async () => {
    using server = await oddServer((_context, end) => end())
    assert.match((await refused(server.plan)).cause, /login of tester on .* was cut off/)
    assert.equal(server.count(), 1)
  })

  test('does not answer', async () => {
    using server = await oddServer(() => {})
    assert.match((await refused(server.plan, 1000)).cause, /login of tester on .* did not finish in time/)
    assert.equal(server.count(), 1)
  })
})
