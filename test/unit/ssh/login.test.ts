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
  if (!(connection instanceof Failure)) assert.fail('it was let in')
  const [problem] = connection.problems
  assert.ok(problem?.remedy, 'no remedy')
  assert.doesNotMatch(JSON.stringify(problem), /falsch|geheim|PRIVATE/)
  return problem
}

async function letIn(plan: SshPlan) {
  await using connection = await connect(plan)
  assert.equal((await connection.run({ file: 'echo', args: ['in'] })).stdout, 'in\n')
}

const withKey = (sshd: Sshd, name: string, passphrase?: string): Authentication => ({
  kind: 'key',
  key: readFileSync(join(sshd.directory, name), 'utf8'),
  ...(passphrase === undefined ? {} : { passphrase }),
})

suite('a login with a key', { skip: noSshd, concurrency: true }, () => {
  test('of every type', async () => {
    await using sshd = await startSshd()
    for (const type of ['rsa', 'ecdsa', 'ed25519']) {
      keygen('-t', type, ...(type === 'rsa' ? ['-b', '2048'] : []), '-f', join(sshd.directory, `my_${type}`))
      const line = readFileSync(join(sshd.directory, `my_${type}.pub`))
      writeFileSync(join(sshd.directory, 'authorized_keys'), line, { flag: 'a' })
      await letIn({ ...planFor(sshd), authentication: withKey(sshd, `my_${type}`) })
    }
  })

  test('that is encrypted', async () => {
    await using sshd = await startSshd()
    const path = join(sshd.directory, 'key')
    spawnSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'geheim', '-f', path])
    await letIn({ ...planFor(sshd), authentication: withKey(sshd, 'key', 'geheim') })
    const problem = await refused({ ...planFor(sshd), authentication: withKey(sshd, 'key', 'falsch') })
    assert.equal(problem.input, 'ssh-passphrase')
    assert.doesNotMatch(await sshd.end(), /Failed|Invalid/)
  })

  for (const algorithm of ['rsa-sha2-512', 'rsa-sha2-256']) {
    test(`of RSA, where the server takes ${algorithm} alone`, async () => {
      await using sshd = await startSshd({ config: `PubkeyAcceptedAlgorithms ${algorithm}` })
      keygen('-t', 'rsa', '-b', '2048', '-f', join(sshd.directory, 'rsa'))
      writeFileSync(join(sshd.directory, 'authorized_keys'), readFileSync(join(sshd.directory, 'rsa.pub')))
      await letIn({ ...planFor(sshd), authentication: withKey(sshd, 'rsa') })
    })
  }

  test('of RSA is never used with SHA-1', async () => {
    await using sshd = await startSshd({ config: 'PubkeyAcceptedAlgorithms ssh-rsa' })
    keygen('-t', 'rsa', '-b', '2048', '-f', join(sshd.directory, 'rsa'))
    writeFileSync(join(sshd.directory, 'authorized_keys'), readFileSync(join(sshd.directory, 'rsa.pub')))
    const problem = await refused({ ...planFor(sshd), authentication: withKey(sshd, 'rsa') })
    assert.match(problem.remedy ?? '', /may take no RSA key.*ssh-keygen -t ed25519/)
  })

  test('of a server whose RSA host key comes with SHA-1 alone is not begun', async () => {
    await using sshd = await startSshd({ hostKeyTypes: ['rsa'], config: 'HostKeyAlgorithms ssh-rsa' })
    const problem = await refused(planFor(sshd))
    assert.match(problem.cause, /share no SSH algorithm/)
  })

  test('that is refused: which key, and the line to add; tried once', async () => {
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

  test('of a user that is not there, with the banner of the server', async () => {
    await using sshd = await startSshd({ config: 'Banner /etc/debian_version' })
    const problem = await refused({ ...planFor(sshd), user: 'nobody-here' })
    assert.match(problem.cause, /for the user nobody-here/)
    assert.equal(problem.output, readFileSync('/etc/debian_version', 'utf8').trim())
  })

  test('where keys are not taken', async () => {
    await using sshd = await startSshd({ config: 'PubkeyAuthentication no\nPasswordAuthentication yes' })
    const problem = await refused(planFor(sshd))
    assert.match(problem.cause, /does not take `ssh-key` from the user .*: it takes password/)
  })
})

suite('a login with the agent', { skip: noSshd, concurrency: true }, () => {
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

  test('that has the key', () =>
    withAgent(async (socket, sshd) => {
      const added = spawnSync('ssh-add', ['-q', join(sshd.directory, 'key')], {
        env: { ...process.env, SSH_AUTH_SOCK: socket },
      })
      assert.equal(added.status, 0, String(added.stderr))
      await letIn({ ...planFor(sshd), authentication: { kind: 'agent', socket } })
    }))

  for (const algorithm of ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519']) {
    test(`that has an RSA key and another, where the server takes ${algorithm} alone`, () =>
      withAgent(async (socket, sshd) => {
        keygen('-t', 'rsa', '-b', '2048', '-f', join(sshd.directory, 'rsa'))
        const line = readFileSync(join(sshd.directory, 'rsa.pub'))
        writeFileSync(join(sshd.directory, 'authorized_keys'), line, { flag: 'a' })
        const files = ['rsa', 'key'].map(name => join(sshd.directory, name))
        const { status } = spawnSync('ssh-add', ['-q', ...files], {
          env: { ...process.env, SSH_AUTH_SOCK: socket },
        })
        assert.equal(status, 0)
        await letIn({ ...planFor(sshd), authentication: { kind: 'agent', socket } })
      }, `PubkeyAcceptedAlgorithms ${algorithm}`))
  }

  test('that has no key', () =>
    withAgent(async (socket, sshd) => {
      const problem = await refused({ ...planFor(sshd), authentication: { kind: 'agent', socket } })
      assert.match(problem.cause, /accepts no key of the agent/)
    }))

  test('that is not there', async () => {
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

suite('a login with a password', { skip: noSshd || notRoot, concurrency: true }, () => {
  for (const { name, config } of [
    { name: 'asked for as such', config: 'PasswordAuthentication yes' },
    {
      name: 'asked for in a dialogue',
      config: 'UsePAM yes\nKbdInteractiveAuthentication yes\nPubkeyAuthentication no',
    },
  ]) {
    test(`${name}: right, and wrong once`, async () => {
      await using sshd = await startSshd({ config, users })
      await letIn(byPassword(sshd, 'ge heim'))
      const problem = await refused(byPassword(sshd, 'falsch'))
      assert.equal(problem.input, 'ssh-password')
      assert.match(problem.cause, /does not accept `ssh-password` for the user tester/)
      const log = await sshd.end()
      assert.equal(log.match(/^(Failed password|PAM: Authentication failure)/gm)?.length, 1, log)
    })
  }

  test('where it is not taken', async () => {
    await using sshd = await startSshd({ users })
    const problem = await refused(byPassword(sshd, 'ge heim'))
    assert.match(problem.cause, /does not take `ssh-password` from the user tester: it takes publickey/)
    assert.match(problem.remedy ?? '', /Give `ssh-key`/)
  })

  test('beside the key, where both are asked for', async () => {
    const config = 'PasswordAuthentication yes\nAuthenticationMethods publickey,password'
    await using sshd = await startSshd({ config, users })
    const plan = { ...planFor(sshd), user: 'tester' }
    await letIn({ ...plan, authentication: { kind: 'key', key: sshd.key, password: 'ge heim' } })
    const problem = await refused(plan)
    assert.match(problem.cause, /took the key of tester, but asks for more: it takes password/)
  })

  test('beside the key, where the key is not known', async () => {
    await using sshd = await startSshd({ config: 'PasswordAuthentication yes', users })
    keygen('-t', 'ed25519', '-f', join(sshd.directory, 'other'))
    const key = readFileSync(join(sshd.directory, 'other'), 'utf8')
    const plan = { ...planFor(sshd), user: 'tester' }
    await letIn({ ...plan, authentication: { kind: 'key', key, password: 'ge heim' } })
    const problem = await refused({ ...plan, authentication: { kind: 'key', key, password: 'falsch' } })
    assert.match(problem.cause, /does not accept `ssh-key`, nor `ssh-password`/)
  })
})

suite('a login that is let in, and runs nothing', { skip: noSshd || notRoot, concurrency: true }, () => {
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
      name: 'a shell that only ends',
      user: 'tester:*:19000:0:99999:7:::',
      shell: '/bin/false',
      expected: [/the login shell ended with 1 before it/, /ordinary shell/],
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

/** A server that does with a login what no sshd of ours can be made to do. */
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

suite('a login that asks for something else', { concurrency: true }, () => {
  test('a second factor', async () => {
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

  test('a new password', async () => {
    using server = await oddServer(context => {
      if (context.method !== 'password') return context.reject(['password'])
      context.requestChange('Your password has expired', () => context.reject())
    })
    assert.match((await refused(server.plan)).cause, /password of tester on .* has expired/)
  })

  test('nothing: it hangs up, and is not asked again', async () => {
    using server = await oddServer((_context, end) => end())
    assert.match((await refused(server.plan)).cause, /login of tester on .* was cut off/)
    assert.equal(server.count(), 1)
  })

  test('nothing: it is silent', async () => {
    using server = await oddServer(() => {})
    assert.match((await refused(server.plan, 1000)).cause, /login of tester on .* did not finish in time/)
    assert.equal(server.count(), 1)
  })
})
