import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Condition } from '../../../src/compose/config.ts'
import type { Need } from '../../../src/compose/dependencies.ts'
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

const linesOf = (parts?: Partial<Order>) => orderText(order(parts)).split('\n')

suite('the order of a transaction', () => {
  test('names a service with all that the script wants of it', () => {
    assert.ok(linesOf().includes(`service web ghcr.io/me/app:latest ${pinned} 2 - 2`))
  })

  test('names the ports that a relay diverts, and how long it drains', () => {
    const ports = [{ index: 1, address: '*', published: 8080, target: 80 }]
    const facts = { ...server(), strategies: [{ name: 'web', strategy: 'relay' as const, ports }] }
    const lines = linesOf({ facts })
    assert.deepEqual(
      lines.filter(line => /^(?:relay|drain) /.test(line)),
      ['relay web 1 * 8080 80', 'drain 10'],
    )
  })

  test('says of a service that it is to end by itself', () => {
    const web = service('web', { replicas: 2, stopGracePeriod: 1.5, oneShot: true })
    const line = `service web ghcr.io/me/app:latest ${pinned} 2 one-shot 2`
    assert.ok(linesOf({ facts: server({ services: [web] }) }).includes(line))
  })

  test('names the platform that a service asks for, and that of what it depends on', () => {
    const facts = server({ services: [service('web', { platform: 'linux/arm64' }), service('api')] })
    assert.deepEqual(
      linesOf({ facts }).filter(line => line.startsWith('platform ')),
      ['platform web linux/arm64'],
    )
  })

  test('names the env files that Compose interpolates from', () => {
    const facts = server({
      project: { envFile: '/srv/app/.env.production', envFiles: ['base.env', '.env.production'] },
    })
    const words = linesOf({ facts }).filter(line => line.includes('env-file'))
    assert.deepEqual(words, [
      'compose-env-file base.env',
      'compose-env-file .env.production',
      'env-file /srv/app/.env.production',
    ])
  })

  test('gives each word of docker and Compose a line', () => {
    const facts = server({ tools: { docker: ['sudo', '-n', '/opt/my tools/docker'] } })
    const words = linesOf({ facts }).filter(line => line.startsWith('docker '))
    assert.deepEqual(words, ['docker sudo', 'docker -n', 'docker /opt/my tools/docker'])
  })

  test('ends with an empty line, no credential, and its end', () => {
    assert.deepEqual(linesOf().slice(-4), ['', '', 'end', ''])
  })

  test('holds the credential as docker reads it, on one line, whatever is in it', () => {
    const password = 'p"a\'s$s!\né'
    const credential = { registry: 'ghcr.io', username: 'me', password }
    const [empty, line = '', end] = linesOf({ credentials: [credential] }).slice(-4)
    assert.deepEqual([empty, end], ['', 'end'])
    const { auths } = JSON.parse(line) as { auths: Record<string, { auth: string }> }
    assert.equal(Buffer.from(auths['ghcr.io']?.auth ?? '', 'base64').toString(), `me:${password}`)
  })

  test('holds a credential for each registry, a token in place of a login', () => {
    const credentials = [
      { registry: 'docker.io', token: 'to.ken' },
      { registry: 'r:5000', username: 'u', password: 'p' },
    ]
    const [, line = ''] = linesOf({ credentials }).slice(-4)
    assert.deepEqual(JSON.parse(line), {
      auths: { 'https://index.docker.io/v1/': { registrytoken: 'to.ken' }, 'r:5000': { auth: 'dTpw' } },
    })
  })

  test('has one line for each value: none can begin another', () => {
    const run = { ...order().run, actor: 'me\nmode settle\tx\r' }
    const lines = linesOf({ run })
    assert.ok(lines.includes('by me mode settle x '))
    assert.ok(!lines.includes('mode settle'))
  })

  test('has one field for each thing that is known of a service: none can forge the next', () => {
    for (const reference of ['a 1[$(id)]', 'a\tb', '', 'a\nmode settle'])
      assert.throws(() => linesOf({ services: [{ name: 'web', reference, image: pinned }] }), /Not one field/)
  })

  test('says what the .env is to say, also where there is none yet', () => {
    const facts = server({ project: { envFile: undefined, directory: '/srv/app' } })
    const lines = linesOf({ facts, envSet: { TAG: '1.2.3' } })
    assert.ok(lines.includes('env-file /srv/app/.env'))
    assert.ok(lines.includes('env-set TAG=1.2.3'))
  })

  test('has the other services of the whole project without a digest, and its orphans', () => {
    const need = (name: string, condition: Condition): Need => ({ name, condition, image: '', platform: '' })
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
    const lines = linesOf({ facts, bring: { plan, needs, check: undefined } })
    assert.deepEqual(
      lines.filter(line => /^(?:service (?!web)|wave)/.test(line)),
      [
        'service db postgres:16 - 1 - 60',
        'service seed app-seed - 1 one-shot 10',
        'service cache redis - 3 - 10',
        'service old - - 0 orphan 10',
        'wave db=any seed=ended',
        'wave web=started cache=any',
      ],
    )
    const left = linesOf({ facts: { ...facts, whole: { ...whole, removeOrphans: false } } })
    assert.ok(!left.some(line => line.includes('orphan')))
  })

  test('asks for a release of the history', () => {
    const services = [{ name: 'web', reference: 'ghcr.io/me/app:latest', image: undefined }]
    const lines = linesOf({ services, plan: { ...order().plan, rollbackTo: 'previous' } })
    assert.ok(lines.includes('rollback-to previous'))
    assert.ok(lines.includes('service web ghcr.io/me/app:latest - 2 - 2'))
  })

  test('that only settles names the run that it is for', () => {
    const lines = settleText(
      order({ credentials: [{ registry: 'r', username: 'u', password: 'secret' }] }),
      'id7',
    ).split('\n')
    assert.deepEqual(lines.slice(0, 2), ['mode settle', 'after id7'])
    assert.ok(!lines.join('\n').includes(Buffer.from('u:secret').toString('base64')))
  })
})
