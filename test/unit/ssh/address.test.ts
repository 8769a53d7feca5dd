import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { formatTarget, parseAddress } from '../../../src/ssh/address.ts'

suite('parseAddress: valid addresses', () => {
  const table: readonly { input: string; expected: unknown }[] = [
    { input: 'example.com', expected: { host: 'example.com' } },
    { input: 'deploy@example.com', expected: { host: 'example.com', user: 'deploy' } },
    { input: 'deploy@example.com:2222', expected: { host: 'example.com', user: 'deploy', port: 2222 } },
    { input: 'example.com:2222', expected: { host: 'example.com', port: 2222 } },
    { input: 'Example.COM', expected: { host: 'example.com' } },
    { input: 'my_server', expected: { host: 'my_server' } },
    { input: 'xn--bcher-kva.example', expected: { host: 'xn--bcher-kva.example' } },
    { input: 'bücher.example', expected: { host: 'xn--bcher-kva.example' } },
    { input: '192.0.2.7:22', expected: { host: '192.0.2.7', port: 22 } },
    { input: '2001:DB8::7', expected: { host: '2001:db8::7' } },
    { input: 'deploy@2001:db8::7', expected: { host: '2001:db8::7', user: 'deploy' } },
    { input: '[2001:db8::7]', expected: { host: '2001:db8::7' } },
    { input: 'deploy@[2001:db8::7]:2222', expected: { host: '2001:db8::7', user: 'deploy', port: 2222 } },
    { input: 'fe80::1%eth0', expected: { host: 'fe80::1%eth0' } },
    { input: 'me@corp.example@example.com', expected: { host: 'example.com', user: 'me@corp.example' } },
    {
      input: 'ssh://deploy@example.com:2222/',
      expected: { host: 'example.com', user: 'deploy', port: 2222 },
    },
  ]
  for (const { input, expected } of table) {
    test(input, () => assert.deepEqual(parseAddress(input), expected))
  }
})

suite('parseAddress: invalid addresses', () => {
  const table: readonly { input: string; reason: RegExp; shown?: string }[] = [
    { input: 'https://example.com', reason: /is a URL/ },
    { input: 'a.example b.example', reason: /more than one host/ },
    { input: 'a.example,b.example', reason: /more than one host/ },
    { input: 'a.example\nb.example', reason: /more than one host/ },
    { input: '@example.com', reason: /no user/ },
    { input: 'deploy@', reason: /no valid host/ },
    { input: '-oProxyCommand=x', reason: /no valid host/ },
    { input: 'example.com/srv', reason: /no valid host/ },
    { input: 'example.com:', reason: /port/ },
    { input: 'example.com:0', reason: /port/ },
    { input: 'example.com:65536', reason: /port/ },
    { input: 'example.com:ssh', reason: /port/ },
    { input: '2001:db8::7:2222:1:1:1:1:1', reason: /neither|port/ },
    { input: '[example.com]:22', reason: /no valid host/ },
    { input: 'deploy:geheim@example.com', reason: /password/, shown: 'deploy:…@example.com' },
    {
      input: 'ssh://deploy:ge/h@im@example.com:22',
      reason: /password/,
      shown: 'ssh://deploy:…@example.com:22',
    },
  ]
  for (const { input, reason, shown = input } of table) {
    test(input, () => {
      const bad = parseAddress(input)
      assert.ok('reason' in bad, JSON.stringify(bad))
      assert.match(bad.reason, reason)
      assert.equal(bad.shown, shown)
    })
  }
})

suite('formatTarget', () => {
  const table: readonly (readonly [host: string, port: number, expected: string])[] = [
    ['example.com', 22, 'deploy@example.com'],
    ['example.com', 2222, 'deploy@example.com:2222'],
    ['example.com', 2022, 'deploy@example.com:2022'],
    ['2001:db8::7', 22, 'deploy@[2001:db8::7]'],
    ['2001:db8::22', 2222, 'deploy@[2001:db8::22]:2222'],
  ]
  for (const [host, port, expected] of table)
    test(expected, () => assert.equal(formatTarget({ user: 'deploy', host, port }), expected))
})
