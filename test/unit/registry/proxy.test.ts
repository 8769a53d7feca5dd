import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseChallenge, tokenUrl } from '../../../src/registry/auth.ts'
import { proxyFor } from '../../../src/registry/proxy.ts'
import { isInsecure } from '../../../src/registry/trust.ts'

const proxy = 'http://proxy:3128'

const proxies: readonly {
  name: string
  url: string
  env: Record<string, string>
  expected: string | undefined
}[] = [
  { name: 'none', url: 'https://ghcr.io', env: {}, expected: undefined },
  { name: 'https', url: 'https://ghcr.io', env: { HTTPS_PROXY: proxy }, expected: `${proxy}/` },
  { name: 'lower case', url: 'https://ghcr.io', env: { https_proxy: proxy }, expected: `${proxy}/` },
  {
    name: 'one for the other scheme',
    url: 'http://ghcr.io',
    env: { HTTPS_PROXY: proxy },
    expected: undefined,
  },
  {
    name: 'ALL_PROXY, which docker ignores',
    url: 'https://ghcr.io',
    env: { ALL_PROXY: proxy },
    expected: undefined,
  },
  {
    name: 'upper case before lower case',
    url: 'https://ghcr.io',
    env: { https_proxy: 'http://other', HTTPS_PROXY: proxy },
    expected: `${proxy}/`,
  },
  {
    name: 'SOCKS',
    url: 'https://ghcr.io',
    env: { HTTPS_PROXY: 'socks5://proxy:1080' },
    expected: 'socks5://proxy:1080',
  },
  {
    name: 'without a scheme',
    url: 'http://ghcr.io',
    env: { HTTP_PROXY: 'proxy:3128' },
    expected: `${proxy}/`,
  },
  { name: 'this machine', url: 'http://127.0.0.1:5000', env: { HTTP_PROXY: proxy }, expected: undefined },
  { name: 'this machine by IPv6', url: 'http://[::1]:5000', env: { HTTP_PROXY: proxy }, expected: undefined },
]

for (const { name, url, env, expected } of proxies) {
  test(`proxy: ${name}`, () => assert.equal(proxyFor(new URL(url), env)?.href, expected))
}

const exclusions: readonly { list: string; url: string; excluded: boolean }[] = [
  { list: '*', url: 'https://ghcr.io', excluded: true },
  { list: 'ghcr.io', url: 'https://ghcr.io', excluded: true },
  { list: 'a, ghcr.io ', url: 'https://ghcr.io', excluded: true },
  { list: 'a ghcr.io', url: 'https://ghcr.io', excluded: false },
  { list: '.ghcr.io', url: 'https://ghcr.io', excluded: false },
  { list: '*.ghcr.io', url: 'https://ghcr.io', excluded: false },
  { list: 'fd00::/8', url: 'https://[fd00::1]', excluded: true },
  { list: 'fd00::/8', url: 'https://[fe80::1]', excluded: false },
  { list: '10.0.0.0/99', url: 'https://10.1.2.3', excluded: false },
  { list: 'example.com', url: 'https://registry.example.com', excluded: true },
  { list: '.example.com', url: 'https://registry.example.com', excluded: true },
  { list: '*.example.com', url: 'https://registry.example.com', excluded: true },
  { list: 'ample.com', url: 'https://example.com', excluded: false },
  { list: 'example.com:5000', url: 'https://example.com:5000', excluded: true },
  { list: 'example.com:5000', url: 'https://example.com', excluded: false },
  { list: 'example.com:443', url: 'https://example.com', excluded: true },
  { list: '10.0.0.0/8', url: 'https://10.1.2.3:5000', excluded: true },
  { list: '10.0.0.0/8', url: 'https://11.1.2.3', excluded: false },
  { list: '10.1.2.3', url: 'https://10.1.2.3', excluded: true },
  { list: '[fd00::1]', url: 'https://[fd00::1]:5000', excluded: true },
  { list: 'fd00::1', url: 'https://[fd00::1]', excluded: true },
  { list: ' , ', url: 'https://ghcr.io', excluded: false },
]

for (const { list, url, excluded } of exclusions) {
  test(`NO_PROXY=${list} for ${url}`, () => {
    const used = proxyFor(new URL(url), { HTTPS_PROXY: proxy, no_proxy: list })
    assert.equal(used === undefined, excluded)
  })
}

const challenges: readonly { header: string | undefined; expected: unknown }[] = [
  { header: undefined, expected: undefined },
  { header: 'Basic realm="x"', expected: { scheme: 'basic' } },
  {
    header: 'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:me/app:pull"',
    expected: { scheme: 'bearer', realm: 'https://ghcr.io/token', service: 'ghcr.io' },
  },
  {
    header: 'bearer service="a, \\"b\\"" , realm=https://x.example/t',
    expected: { scheme: 'bearer', realm: 'https://x.example/t', service: 'a, "b"' },
  },
  { header: 'Bearer service="x"', expected: undefined },
  { header: 'Bearer realm="no URL"', expected: undefined },
  { header: 'Negotiate abc', expected: undefined },
  ...[
    'Basic realm="Artifactory", Bearer realm="https://x.example/t",service="s"',
    'Bearer realm="https://x.example/t",service="s", Basic realm="https://other.example",service="o"',
    'Negotiate, Bearer service="s" , realm="https://x.example/t",Basic realm="a, Bearer realm=b"',
  ].map(header => ({ header, expected: { scheme: 'bearer', realm: 'https://x.example/t', service: 's' } })),
  { header: 'Bearer service="s", Basic realm="https://x.example/t"', expected: { scheme: 'basic' } },
  { header: 'Bearer realm="file:///etc/passwd"', expected: undefined },
]

for (const { header, expected } of challenges) {
  test(`challenge: ${header}`, () => assert.deepEqual(parseChallenge(header), expected))
}

test('the token URL keeps the query of the realm', () => {
  const url = tokenUrl({ scheme: 'bearer', realm: 'https://x.example/t?account=a', service: undefined }, [
    's:a/b:pull',
    's:a/c:pull',
  ])
  assert.equal(url.href, 'https://x.example/t?account=a&scope=s%3Aa%2Fb%3Apull&scope=s%3Aa%2Fc%3Apull')
})

const hosts: readonly { host: string; expected: boolean }[] = [
  { host: 'localhost:5000', expected: true },
  { host: '127.0.0.1:5000', expected: true },
  { host: '[::1]:5000', expected: true },
  { host: '10.77.0.1:5000', expected: true },
  { host: '10.77.0.1:5001', expected: false },
  { host: '192.168.3.4', expected: true },
  { host: 'ghcr.io', expected: false },
]

for (const { host, expected } of hosts) {
  test(`insecure: ${host}`, () => {
    const insecure = { hosts: ['10.77.0.1:5000'], cidrs: ['127.0.0.0/8', '::1/128', '192.168.0.0/16'] }
    assert.equal(isInsecure(host, insecure), expected)
  })
}
