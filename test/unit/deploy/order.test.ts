import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { suite, test } from 'node:test'
import type { CheckPlan } from '../../../src/check/plan.ts'
import type { Condition } from '../../../src/compose/config.ts'
import type { Dependency } from '../../../src/compose/dependencies.ts'
import { noFindings } from '../../../src/core/findings.ts'
import { type Order, orderText, settleText } from '../../../src/deploy/order.ts'
import { exactImage } from '../../../src/image/reference.ts'
import { planHooks } from '../../../src/payload/hooks.ts'
import { inputsOf } from '../image/events.ts'
import { digest, server, service } from '../target/compose-host/preflight/facts.ts'

const pinned = exactImage({ registry: 'ghcr.io', repository: 'me/app' }, digest('1'))

const order = (parts: Partial<Order> = {}): Order => ({
  plan: {
    waitTimeout: 60,
    stability: 10,
    rollback: true,
    rollbackTo: undefined,
    lockTimeout: 600,
    keepReleases: 3,
    drain: 10,
    withdraw: 'health',
    proxyReload: '',
  },
  facts: server({ services: [service('web', { replicas: 2, stopGracePeriod: 1.5 })] }),
  services: [{ name: 'web', reference: 'ghcr.io/me/app:latest', image: pinned }],
  envSet: {},
  credentials: [],
  run: {
    url: 'https://github.com/me/app/actions/runs/1',
    actor: 'me',
    commit: 'abc',
    workflow: 'CI',
    ref: 'refs/heads/main',
    number: 7,
    tags: ['1.2.3', 'latest'],
  },
  ...parts,
})

const textOf = (parts?: Partial<Order>) => orderText(order(parts))

/** Returns the value of a variable after the agent has read the settings, or the program if that sets it. */
function given(name: string, text: string): string {
  const [settings = '', program = ''] = text.split('\n\n')
  const [own = ''] = program.startsWith('settle_only') ? [] : program.split('\nprepare() {')
  const script = `newline='\n'\n${settings}\n${own}\nprintf '%s' "$${name}"`
  const { stdout, stderr } = spawnSync('dash', ['-c', script], { encoding: 'utf8' })
  assert.equal(stderr, '')
  return stdout
}

const services = (facts: Order['facts']) => given('services', textOf({ facts }))
const withPayload = (parts: { timeout?: number; check?: number }): Partial<Order> => ({
  payload: {
    plan: {
      files: [],
      settings: [],
      envFile: 'app.env',
      allowOlder: false,
      hooks: {
        hostBefore: ['echo hidden'],
        runBefore: [],
        execBefore: [],
        runAfter: [],
        execAfter: [],
        hostAfter: [],
        timeout: parts.timeout ?? 600,
      },
    },
    needs: undefined,
    check:
      parts.check === undefined
        ? undefined
        : ({
            url: new URL('https://app.example/?token=hidden'),
            timeout: parts.check,
            onLost: 'roll back',
          } as CheckPlan),
  },
})

suite('the order of a transaction', () => {
  test('has a line for each service, with all its fields', () => {
    assert.equal(given('services', textOf()), `web ghcr.io/me/app:latest ${pinned} 2 - 2\n`)
  })

  test('has the ports that a relay diverts, and the drain time', () => {
    const ports = [{ index: 1, address: '*', published: 8080, target: 80 }]
    const facts = { ...server(), strategies: [{ name: 'web', strategy: 'relay' as const, ports }] }
    const text = textOf({ facts })
    assert.deepEqual([given('relay_ports', text), given('drain', text)], ['web 1 * 8080 80\n', '10'])
  })

  const startFirst = {
    ...server(),
    strategies: [{ name: 'web', strategy: 'start-first' as const, ports: [] }],
  }
  const withdrawn = [
    { name: 'by their health check', plan: {}, expected: ['web\n', 'health', '', ''] },
    {
      name: 'by a command, with a `proxy-reload`',
      plan: { withdraw: ['touch', "/tmp/it's me"], proxyReload: 'docker exec proxy nginx -s reload' },
      expected: ['web\n', 'command', "touch\x1f/tmp/it's me", 'docker exec proxy nginx -s reload'],
    },
  ]
  for (const { name, plan, expected } of withdrawn) {
    test(`has the services that start first, and how to withdraw the old containers: ${name}`, () => {
      const text = textOf({ facts: startFirst, plan: { ...order().plan, ...plan } })
      const names = ['start_first', 'withdraw', 'withdraw_words', 'proxy_reload']
      assert.deepEqual(
        names.map(each => given(each, text)),
        expected,
      )
      // The settings, which stay on the server, hold no command of the user.
      assert.doesNotMatch(
        settleText(order({ facts: startFirst, plan: { ...order().plan, ...plan } }), 'x'),
        /nginx|touch/,
      )
    })
  }

  test('marks a one-shot service', () => {
    const web = service('web', { replicas: 2, stopGracePeriod: 1.5, oneShot: true })
    assert.equal(services(server({ services: [web] })), `web ghcr.io/me/app:latest ${pinned} 2 one-shot 2\n`)
  })

  test('has the platforms of services and of their dependencies', () => {
    const facts = server({ services: [service('web', { platform: 'linux/arm64' }), service('api')] })
    assert.equal(given('platforms', textOf({ facts })), 'web linux/arm64\n')
  })

  test('has each word of the docker and Compose commands on its own line', () => {
    const facts = server({ tools: { docker: ['sudo', '-n', "/opt/my tool's/docker"] } })
    assert.equal(given('docker_words', textOf({ facts })), "sudo\n-n\n/opt/my tool's/docker\n")
  })

  test('has the major and minor version of Compose', () => {
    for (const [composeVersion, expected] of [
      ['2.40.3', '2.40'],
      ['v2.26.1', '2.26'],
      ['1.29.2', '1.29'],
      ['5.0.0', '5.0'],
      ['a[$(id)].1', '2.0'],
    ] as const) {
      const text = textOf({ facts: server({ tools: { composeVersion } }) })
      assert.equal(`${given('compose_major', text)}.${given('compose_minor', text)}`, expected)
    }
  })

  test('has three parts, and ends with `end`', () => {
    const parts = textOf().split('\n\n')
    assert.equal(parts.length, 3)
    assert.equal(parts[2], '\nend\n')
  })

  test('has the credential as a docker configuration, on one line, even with special characters', () => {
    const password = 'p"a\'s$s!\né'
    const credential = { registry: 'ghcr.io', username: 'me', password }
    const [line = '', end] =
      textOf({ credentials: [credential] })
        .split('\n\n')[2]
        ?.split('\n') ?? []
    assert.equal(end, 'end')
    const { auths } = JSON.parse(line) as { auths: Record<string, { auth: string }> }
    assert.equal(Buffer.from(auths['ghcr.io']?.auth ?? '', 'base64').toString(), `me:${password}`)
  })

  test('has a credential for each registry; a token takes the place of a login', () => {
    const credentials = [
      { registry: 'docker.io', token: 'to.ken' },
      { registry: 'r:5000', username: 'u', password: 'p' },
    ]
    const [line = ''] = textOf({ credentials }).split('\n\n')[2]?.split('\n') ?? []
    assert.deepEqual(JSON.parse(line), {
      auths: { 'https://index.docker.io/v1/': { registrytoken: 'to.ken' }, 'r:5000': { auth: 'dTpw' } },
    })
  })

  test('quotes every text: no shell evaluates it, and it ends no part', () => {
    const actor = "me'; echo forged; '\n\n$(id)`id`\tx\r"
    const text = textOf({ run: { ...order().run, actor } })
    assert.equal(given('by', text), "me'; echo forged; '  $(id)`id` x ")
    assert.equal(text.split('\n\n').length, 3)
  })

  test('rejects a field with a blank, which would forge the next field', () => {
    for (const reference of ['a 1[$(id)]', 'a\tb', '', 'a\nb'])
      assert.throws(() => textOf({ services: [{ name: 'web', reference, image: pinned }] }), /Not one field/)
  })

  // bash runs a command inside `$(( ))`, and reads a number with a leading zero as octal.
  const numbers: readonly { name: string; of: (bad: number) => Partial<Order> }[] = [
    ...(['waitTimeout', 'stability', 'lockTimeout', 'keepReleases', 'drain'] as const).map(name => ({
      name,
      of: (bad: number) => ({ plan: { ...order().plan, [name]: bad } }),
    })),
    { name: 'the timeout of a command', of: bad => withPayload({ timeout: bad }) },
    { name: 'the timeout of the public check', of: bad => withPayload({ check: bad }) },
    { name: 'the run number', of: bad => ({ run: { ...order().run, number: bad } }) },
    { name: 'replicas', of: bad => ({ facts: server({ services: [service('web', { replicas: bad })] }) }) },
    {
      name: 'the stop grace period',
      of: bad => ({ facts: server({ services: [service('web', { stopGracePeriod: bad })] }) }),
    },
    {
      name: 'a port',
      of: bad => ({
        facts: {
          ...server(),
          strategies: [
            {
              name: 'web',
              strategy: 'relay',
              ports: [{ index: 1, address: '*', published: bad, target: 80 }],
            },
          ],
        },
      }),
    },
  ]
  for (const { name, of } of numbers)
    test(`rejects a value that is not a number: ${name}`, () => {
      for (const bad of ['a[$(id)]' as unknown as number, Number.NaN, -100, 1e9])
        assert.throws(() => textOf(of(bad)), /Not one field/)
    })

  test('rejects an invalid name, digest and address', () => {
    const ports = [{ index: 1, address: '$(id)', published: 80, target: 80 }]
    const bad: Partial<Order>[] = [
      { facts: server({ project: { name: 'a b' } }) },
      { services: [{ name: '$(id)', reference: 'a', image: pinned }] },
      { services: [{ name: 'web', reference: 'a', image: 'a@sha256:0' as typeof pinned }] },
      { facts: { ...server(), strategies: [{ name: 'web', strategy: 'relay', ports }] } },
    ]
    for (const parts of bad) assert.throws(() => textOf(parts), /Not one field/)
  })

  test('has the variables for `.env`, even if that file does not exist yet', () => {
    const facts = server({ project: { envFile: undefined, directory: '/srv/app' } })
    const text = textOf({ facts, envSet: { TAG: '1.2.3' } })
    assert.deepEqual([given('env_file', text), given('env_set', text)], ['/srv/app/.env', 'TAG=1.2.3\n'])
  })

  test('has the other services of the whole project without a digest, and the orphans', () => {
    const need = (name: string, condition: Condition): Dependency => ({
      name,
      condition,
      image: '',
      platform: '',
    })
    const waves = [
      [need('db', 'started'), need('seed', 'ended')],
      [need('web', 'started'), need('cache', 'started')],
    ]
    const needs = { dependencies: [], waves }
    const whole = {
      others: [
        service('db', { reference: 'postgres:16', replicas: 1, stopGracePeriod: 60 }),
        service('seed', { reference: '', restart: undefined, hasHealthcheck: false }),
        service('cache', { reference: 'redis', replicas: 3 }),
      ],
      orphans: ['old'],
      removeOrphans: true,
    }
    const facts = { ...server(), whole }
    const plan = {
      files: [],
      settings: [],
      envFile: '.env',
      hooks: planHooks(inputsOf({}), noFindings()),
      allowOlder: false,
    }
    const text = textOf({ facts, payload: { plan, needs, check: undefined } })
    assert.deepEqual(given('services', text).trimEnd().split('\n').slice(1), [
      'db postgres:16 - 1 - 60',
      'seed app-seed - 1 one-shot 10',
      'cache redis - 3 - 10',
      'old - - 0 orphan 10',
    ])
    assert.match(
      text,
      /^stop_orphans &&\nstart_wave 'db=any' 'seed=ended' &&\nstart_wave 'web=started' 'cache=any' &&$/m,
    )
    const left = textOf({ facts: { ...facts, whole: { ...whole, removeOrphans: false } } })
    assert.doesNotMatch(left, /orphan/)
    assert.match(left, /^start_services 'web' 'db' 'seed' 'cache' &&$/m)
  })

  test('has the release of the history to roll back to', () => {
    const asked = [{ name: 'web', reference: 'ghcr.io/me/app:latest', image: undefined }]
    const text = textOf({ services: asked, plan: { ...order().plan, rollbackTo: 'previous' } })
    assert.deepEqual(
      [given('rollback_to', text), given('services', text)],
      ['previous', 'web ghcr.io/me/app:latest - 2 - 2\n'],
    )
  })

  test('waits a minute longer than the check takes, for a runner that has to reconnect', () => {
    const text = textOf(withPayload({ check: 30 }))
    assert.deepEqual([given('check_limit', text), given('on_lost', text)], ['90', 'roll back'])
  })

  test('that only settles has the ID of the dead run, and no command, value or secret', () => {
    const credential = { registry: 'r', username: 'u', password: 'secret' }
    const text = settleText(
      order({ credentials: [credential], envSet: { TAG: 'hidden' }, ...withPayload({ check: 1 }) }),
      'id7',
    )
    assert.equal(text.split('\n\n')[1], "settle_only 'id7'")
    assert.doesNotMatch(text, /hidden|prepare/)
    assert.ok(!text.includes(Buffer.from('u:secret').toString('base64')))
    assert.equal(given('settings_file', text), 'app.env')
  })
})
