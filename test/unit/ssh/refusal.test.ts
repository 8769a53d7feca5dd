import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { suite, test } from 'node:test'
import { Failure, type Problem } from '../../../src/core/errors.ts'
import { type ConnectOptions, connect } from '../../../src/ssh/connection.ts'
import type { SshPlan } from '../../../src/ssh/plan.ts'
import { explainDial } from '../../../src/ssh/refusal.ts'
import { startProxy } from './proxy.ts'
import { noSshd, planFor, startSshd } from './sshd.ts'

/**
 * The one problem of a connection that must fail. The timeout is for what never answers; everything else ends by itself,
 * however busy this machine is.
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
    () => assert.fail('it was let in'),
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

/** Something that listens, and is no sshd. */
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

suite('no connection', { concurrency: true }, () => {
  test('refused: tried three times, with waits that grow', async () => {
    const problem = await refused(nowhere, { attempts: 3, backoff: 100 })
    assert.match(problem.cause, /127\.0\.0\.1:1 refused the connection/)
    assert.equal(problem.input, 'ssh-port')
    assert.equal(problem.retries.length, 2)
    const [first = 0, second = 0] = problem.retries
    assert.ok(first >= 75 && first <= 125 && second >= 150 && second <= 250, `${first} and ${second}`)
  })

  test('no such host: tried once', async () => {
    const problem = await refused({ ...nowhere, host: 'no-such-host.invalid' }, { attempts: 3 })
    assert.match(problem.cause, /host name no-such-host\.invalid does not exist|could not be looked up/)
    assert.equal(problem.input, 'ssh-host')
  })

  test('the stage is the caller’s', async () => {
    await refused(nowhere, { stage: 'deploy' })
  })

  test('called off', async () => {
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
      cause: /IPv6 address only/,
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
    { name: 'something else', error: { code: 'EACCES' }, cause: /failed: EACCES/, transient: true },
  ]
  for (const { name, error, cause, transient } of table) {
    test(name, () => {
      const refusal = explainDial(error, { host: 'example.com', port: 22 })
      assert.match(refusal.problem.cause, cause)
      assert.equal(refusal.transient, transient)
    })
  }
})

suite('no SSH server', { concurrency: true }, () => {
  const table: readonly {
    name: string
    serve: (socket: Socket) => void
    cause: RegExp
    tries: number
    /** Nothing more comes of it. */
    silent?: true
  }[] = [
    {
      name: 'silent',
      serve: () => {},
      cause: /takes connections, but no SSH server answers/,
      tries: 2,
      silent: true,
    },
    {
      name: 'closes at once',
      serve: socket => socket.end(),
      cause: /closed the connection before sending/,
      tries: 2,
    },
    {
      name: 'resets at once',
      serve: socket => socket.resetAndDestroy(),
      cause: /closed the connection before sending|immediately/,
      tries: 2,
    },
    {
      name: 'shuts us out',
      serve: socket => socket.end('Exceeded MaxStartups\r\n'),
      cause: /before sending anything: Exceeded MaxStartups/,
      tries: 2,
    },
    {
      name: 'a web server',
      serve: socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      cause: /is not an SSH server: it said "HTTP\/1\.1 400 Bad Request"/,
      tries: 1,
    },
    {
      name: 'a mail server',
      serve: socket => socket.write('220 mail\r\n'),
      cause: /it said "220 mail"/,
      tries: 1,
    },
    {
      name: 'garbage',
      serve: socket => socket.write(Buffer.alloc(100_000, '\x00\xff\x1b[2J')),
      cause: /it said "\?+/,
      tries: 1,
    },
    {
      name: 'stops after its name',
      serve: socket => socket.write('SSH-2.0-x\r\n'),
      cause: /answers too slowly/,
      tries: 2,
      silent: true,
    },
    {
      name: 'ends after its name',
      serve: socket => socket.end('SSH-2.0-x\r\n'),
      cause: /broke off/,
      tries: 2,
    },
    {
      name: 'garbage after its name',
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

suite('the wrong host key', { skip: noSshd, concurrency: true }, () => {
  test('unknown: the key that was seen, and the line to add', async () => {
    await using sshd = await startSshd()
    const hostKey = { kind: 'known-hosts', lines: `example.com ${sshd.hostKeys['ed25519']}` } as const
    const problem = await refused({ ...planFor(sshd), hostKey }, { attempts: 3 })
    assert.match(problem.cause, /is not in `ssh-known-hosts`: it showed ssh-ed25519 SHA256:/)
    assert.ok(problem.remedy?.includes(sshd.knownHosts.trim()), problem.remedy)
    assert.deepEqual(problem.retries, [])
    const lines = problem.remedy?.split('this line: ')[1] ?? ''
    const connection = await connect({ ...planFor(sshd), hostKey: { kind: 'known-hosts', lines } })
    await connection.close()
  })

  test('another one: a warning of an attack', async () => {
    await using sshd = await startSshd()
    await using other = await startSshd()
    const lines = other.knownHosts.replace(String(other.port), String(sshd.port))
    const problem = await refused({ ...planFor(sshd), hostKey: { kind: 'known-hosts', lines } })
    assert.match(problem.cause, /showed another host key than .*Someone may be posing/)
    assert.match(problem.remedy ?? '', /Only if/)
  })

  test('revoked', async () => {
    await using sshd = await startSshd()
    const lines = `${sshd.knownHosts}@revoked * ${sshd.hostKeys['ed25519']}`
    const problem = await refused({ ...planFor(sshd), hostKey: { kind: 'known-hosts', lines } })
    assert.match(problem.cause, /@revoked/)
  })

  test('of several keys the known one is asked for', async () => {
    await using sshd = await startSshd({ hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'] })
    for (const type of ['rsa', 'ecdsa', 'ed25519']) {
      const lines = `[127.0.0.1]:${sshd.port} ${sshd.hostKeys[type]}`
      const connection = await connect({ ...planFor(sshd), hostKey: { kind: 'known-hosts', lines } })
      await connection.close()
    }
  })

  test('a fingerprint may be of any of them', async () => {
    await using sshd = await startSshd({ hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'] })
    const { fingerprint } = await import('../../../src/ssh/wire.ts')
    for (const type of ['ed25519', 'ecdsa', 'rsa']) {
      const print = fingerprint(Buffer.from(sshd.hostKeys[type]?.split(' ')[1] ?? '', 'base64'))
      const hostKey = { kind: 'fingerprint', fingerprints: [`SHA256:${'a'.repeat(43)}`, print] } as const
      const connection = await connect({ ...planFor(sshd), hostKey })
      await connection.close()
    }
    const hostKey = { kind: 'fingerprint', fingerprints: [`SHA256:${'a'.repeat(43)}`] } as const
    const problem = await refused({ ...planFor(sshd), hostKey })
    assert.equal(problem.input, 'ssh-fingerprint')
    assert.match(problem.cause, /another host key than `ssh-fingerprint` says: ssh-ed25519 SHA256:/)
  })

  test('without a check any key will do', async () => {
    await using sshd = await startSshd()
    const connection = await connect({ ...planFor(sshd), hostKey: { kind: 'insecure' } })
    await connection.close()
  })
})

suite('no way in common', { skip: noSshd, concurrency: true }, () => {
  for (const config of [
    'KexAlgorithms diffie-hellman-group1-sha1',
    'Ciphers 3des-cbc',
    'Ciphers aes128-ctr\nMACs umac-64@openssh.com',
  ]) {
    test(config, async () => {
      await using sshd = await startSshd({ config })
      const problem = await refused(planFor(sshd), { attempts: 3 })
      assert.match(problem.cause, /share no SSH algorithm: .*no matching/)
      assert.deepEqual(problem.retries, [])
    })
  }
})

test('what fails before the login is tried again, and then goes on', { skip: noSshd }, async () => {
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
