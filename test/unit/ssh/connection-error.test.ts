import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { suite, test } from 'node:test'
import { Failure, type Problem } from '../../../src/core/errors.ts'
import { type ConnectOptions, connect } from '../../../src/ssh/connection.ts'
import { explainDial } from '../../../src/ssh/connection-error.ts'
import type { SshPlan } from '../../../src/ssh/plan.ts'
import { startProxy } from './proxy.ts'
import { noSshd, planFor, startSshd } from './sshd.ts'

/**
 * Connects, which must fail, and returns the only problem. The default timeout is long, because every case but a silent
 * server ends without it, however busy this machine is.
 */
async function refused(plan: SshPlan, options: ConnectOptions = {}) {
  const retries: number[] = []
  const problem = await connect(plan, {
    attempts: 1,
    backoff: 20,
    patience: 120_000,
    timeout: 60_000,
    onRetry: (_, wait) => retries.push(wait),
    ...options,
  }).then(
    () => assert.fail('the connection succeeded'),
    (error: unknown): Problem => {
      assert.ok(error instanceof Failure, String(error))
      assert.equal(error.stage, options.stage ?? 'preflight')
      assert.equal(error.problems.length, 1)
      const [first] = error.problems
      assert.ok(first?.remedy, 'no remedy')
      return first
    },
  )
  return { ...problem, retries }
}

/** Starts a TCP server that is not an sshd. */
async function listener(onSocket: (socket: Socket) => void) {
  const sockets: Socket[] = []
  const server = createServer(socket => {
    sockets.push(socket)
    socket.on('error', () => {})
    onSocket(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    count: () => sockets.length,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const nowhere: SshPlan = {
  host: '127.0.0.1',
  port: 1,
  user: 'deploy',
  authentication: { kind: 'password', password: 'geheim' },
  hostKey: { kind: 'insecure' },
}

suite('the connection cannot be opened', { concurrency: true }, () => {
  test('refused: three attempts, with growing waits', async () => {
    const problem = await refused(nowhere, { attempts: 3, backoff: 100 })
    assert.match(problem.cause, /127\.0\.0\.1:1 refused the connection/)
    assert.equal(problem.input, 'ssh-port')
    assert.equal(problem.retries.length, 2)
    const [first = 0, second = 0] = problem.retries
    assert.ok(first >= 75 && first <= 125 && second >= 150 && second <= 250, `${first} and ${second}`)
  })

  test('no such host: one attempt', async () => {
    const problem = await refused({ ...nowhere, host: 'no-such-host.invalid' }, { attempts: 3 })
    assert.match(problem.cause, /host name no-such-host\.invalid does not exist|could not be resolved/)
    assert.equal(problem.input, 'ssh-host')
  })

  test('the jump host: the error names `ssh-jump`', async () => {
    const jump = { host: '127.0.0.1', port: 1, user: 'deploy', hostKey: { kind: 'insecure' } } as const
    await using web = await listener(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    for (const location of [{}, { host: 'no-such-host.invalid' }, { port: web.port }]) {
      const problem = await refused({ ...nowhere, jump: { ...jump, ...location } })
      assert.equal(problem.input, 'ssh-jump')
      assert.match(problem.remedy ?? '', /`ssh-jump`|DNS|Run the job again/)
      assert.doesNotMatch(problem.remedy ?? '', /`ssh-host`|`ssh-port`/)
    }
  })

  test('the failure has the stage of the caller', async () => {
    await refused(nowhere, { stage: 'deploy' })
  })

  test('aborted', async () => {
    const reason = new Error('cancelled')
    const signal = AbortSignal.abort(reason)
    await assert.rejects(connect(nowhere, { signal }), error => error === reason)
    const controller = new AbortController()
    const connecting = connect(nowhere, {
      signal: controller.signal,
      attempts: 9,
      onRetry: () => controller.abort(reason),
    })
    await assert.rejects(connecting, error => error === reason)
  })

  const address = (code: string, ip: string) => Object.assign(new Error(code), { code, address: ip })
  const table: readonly { name: string; error: unknown; cause: RegExp; transient: boolean }[] = [
    {
      name: 'IPv6 only, and no route',
      error: address('ENETUNREACH', '2001:db8::1'),
      cause: /only an IPv6 address/,
      transient: false,
    },
    {
      name: 'IPv6 without a route, IPv4 refused',
      error: new AggregateError([
        address('ENETUNREACH', '2001:db8::1'),
        address('ECONNREFUSED', '192.0.2.1'),
      ]),
      cause: /refused the connection/,
      transient: true,
    },
    {
      name: 'IPv6 without a route, IPv4 silent',
      error: new AggregateError([address('ENETUNREACH', '2001:db8::1'), address('ETIMEDOUT', '192.0.2.1')]),
      cause: /timed out/,
      transient: true,
    },
    {
      name: 'no route',
      error: address('EHOSTUNREACH', '192.0.2.1'),
      cause: /no route to example\.com:22/,
      transient: true,
    },
    {
      name: 'no name server',
      error: { code: 'EAI_AGAIN' },
      cause: /DNS server does not answer/,
      transient: true,
    },
    { name: 'another error', error: { code: 'EACCES' }, cause: /failed: EACCES/, transient: true },
  ]
  for (const { name, error, cause, transient } of table) {
    test(name, () => {
      const explained = explainDial(error, { host: 'example.com', port: 22 })
      assert.match(explained.problem.cause, cause)
      assert.equal(explained.transient, transient)
    })
  }
})

suite('the server does not speak SSH', { concurrency: true }, () => {
  const table: readonly {
    name: string
    serve: (socket: Socket) => void
    cause: RegExp
    tries: number
    /** The server sends nothing more, so that the attempt ends by its timeout. */
    silent?: true
  }[] = [
    {
      name: 'silent',
      serve: () => {},
      cause: /accepts connections, but no SSH server answers/,
      tries: 2,
      silent: true,
    },
    {
      name: 'closes immediately',
      serve: socket => socket.end(),
      cause: /closed the connection before sending/,
      tries: 2,
    },
    {
      name: 'resets immediately',
      serve: socket => socket.resetAndDestroy(),
      cause: /closed the connection before sending|immediately/,
      tries: 2,
    },
    {
      name: 'blocks this client',
      serve: socket => socket.end('Exceeded MaxStartups\r\n'),
      cause: /before sending anything: Exceeded MaxStartups/,
      tries: 2,
    },
    {
      name: 'a web server',
      serve: socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      cause: /is not an SSH server: it sent "HTTP\/1\.1 400 Bad Request"/,
      tries: 1,
    },
    {
      name: 'a mail server',
      serve: socket => socket.write('220 mail\r\n'),
      cause: /it sent "220 mail"/,
      tries: 1,
      silent: true,
    },
    {
      name: 'garbage',
      serve: socket => socket.write(Buffer.alloc(100_000, '\x00\xff\x1b[2J')),
      cause: /it sent "\?+/,
      tries: 1,
    },
    {
      name: 'silent after its version line',
      serve: socket => socket.write('SSH-2.0-x\r\n'),
      cause: /answers too slowly/,
      tries: 2,
      silent: true,
    },
    {
      name: 'closes after its version line',
      serve: socket => socket.end('SSH-2.0-x\r\n'),
      cause: /The SSH server at .* closed the connection/,
      tries: 2,
    },
    {
      name: 'garbage after its version line',
      serve: socket =>
        socket.write(Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), Buffer.alloc(100_000, 0xff)])),
      cause: /does not speak valid SSH/,
      tries: 1,
    },
    {
      name: 'SSH 1',
      serve: socket => socket.write('SSH-1.5-x\r\n'),
      cause: /does not speak valid SSH/,
      tries: 1,
    },
  ]
  for (const { name, serve, cause, tries, silent } of table) {
    test(name, async () => {
      await using server = await listener(serve)
      const timeout = silent ? 3000 : 60_000
      const problem = await refused({ ...nowhere, port: server.port }, { attempts: 2, timeout })
      assert.match(problem.cause, cause)
      assert.equal(server.count(), tries)
      assert.doesNotMatch(JSON.stringify(problem), /geheim|\x1b/)
    })
  }
})

suite('the host key is not trusted', { skip: noSshd, concurrency: true }, () => {
  test('unknown: the error has the presented key and the line to add', async () => {
    await using sshd = await startSshd()
    const hostKey = { kind: 'known-hosts', lines: `example.com ${sshd.hostKeys['ed25519']}` } as const
    const problem = await refused({ ...planFor(sshd), hostKey }, { attempts: 3 })
    assert.match(problem.cause, /is not in `ssh-known-hosts`: the server presented ssh-ed25519 SHA256:/)
    assert.ok(problem.remedy?.includes(sshd.knownHosts.trim()), problem.remedy)
    assert.deepEqual(problem.retries, [])
    const lines = problem.remedy?.split('this line: ')[1] ?? ''
    const connection = await connect({ ...planFor(sshd), hostKey: { kind: 'known-hosts', lines } })
    await connection.close()
  })

  test('different: the error warns of an attack', async () => {
    await using sshd = await startSshd()
    await using other = await startSshd()
    const lines = other.knownHosts.replace(String(other.port), String(sshd.port))
    const problem = await refused({ ...planFor(sshd), hostKey: { kind: 'known-hosts', lines } })
    assert.match(problem.cause, /presented a different host key than .*Someone may be impersonating/)
    assert.match(problem.remedy ?? '', /Only if/)
  })

  test('revoked', async () => {
    await using sshd = await startSshd()
    const lines = `${sshd.knownHosts}@revoked * ${sshd.hostKeys['ed25519']}`
    const problem = await refused({ ...planFor(sshd), hostKey: { kind: 'known-hosts', lines } })
    assert.match(problem.cause, /@revoked/)
  })

  test('if the server has several keys, the known one is requested', async () => {
    await using sshd = await startSshd({ hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'] })
    for (const type of ['rsa', 'ecdsa', 'ed25519']) {
      const lines = `[127.0.0.1]:${sshd.port} ${sshd.hostKeys[type]}`
      const connection = await connect({ ...planFor(sshd), hostKey: { kind: 'known-hosts', lines } })
      await connection.close()
    }
  })

  test('a fingerprint may belong to any of the keys', async () => {
    await using sshd = await startSshd({ hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'] })
    const { fingerprint } = await import('../../../src/ssh/wire.ts')
    for (const type of ['ed25519', 'ecdsa', 'rsa']) {
      const known = fingerprint(Buffer.from(sshd.hostKeys[type]?.split(' ')[1] ?? '', 'base64'))
      const hostKey = { kind: 'fingerprint', fingerprints: [`SHA256:${'a'.repeat(43)}`, known] } as const
      const connection = await connect({ ...planFor(sshd), hostKey })
      await connection.close()
    }
    const hostKey = { kind: 'fingerprint', fingerprints: [`SHA256:${'a'.repeat(43)}`] } as const
    const problem = await refused({ ...planFor(sshd), hostKey })
    assert.equal(problem.input, 'ssh-fingerprint')
    assert.match(problem.cause, /a different host key than `ssh-fingerprint` has: ssh-ed25519 SHA256:/)
  })

  test('without the host key check, any key is accepted', async () => {
    await using sshd = await startSshd()
    const connection = await connect({ ...planFor(sshd), hostKey: { kind: 'insecure' } })
    await connection.close()
  })
})

suite('no algorithm in common', { skip: noSshd, concurrency: true }, () => {
  for (const config of [
    'KexAlgorithms diffie-hellman-group1-sha1',
    'Ciphers 3des-cbc',
    'Ciphers aes128-ctr\nMACs umac-64@openssh.com',
  ]) {
    test(config, async () => {
      await using sshd = await startSshd({ config })
      const problem = await refused(planFor(sshd), { attempts: 3 })
      assert.match(problem.cause, /no SSH algorithm in common: .*no matching/)
      assert.deepEqual(problem.retries, [])
    })
  }
})

test('a connection that fails before the login is retried until it succeeds', { skip: noSshd }, async () => {
  await using sshd = await startSshd()
  await using proxy = await startProxy(sshd.port, { cutsFirst: 2 })
  const retries: string[] = []
  const connection = await connect(planFor(sshd, proxy.port), {
    backoff: 20,
    patience: 120_000,
    onRetry: cause => retries.push(cause),
  })
  assert.equal(retries.length, 2)
  await connection.close()
})
