import { BlockList, isIP } from 'node:net'
import type { Environment } from '../core/runtime.ts'

/**
 * Returns the proxy for a URL, undefined if there is none. Reads the environment like docker (Go's net/http), which
 * ignores `ALL_PROXY`.
 */
export function proxyFor(url: URL, env: Environment): URL | undefined {
  const text = either(env, url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY')
  if (text === '' || isExcluded(url, either(env, 'NO_PROXY'))) return undefined
  const proxy = text.includes('://') ? text : `http://${text}`
  if (URL.canParse(proxy)) return new URL(proxy)
  throw new Error(`\`${url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'}\` is not a valid proxy URL`)
}

const either = (env: Environment, name: string): string => env[name] || env[name.toLowerCase()] || ''

/** Reports whether NO_PROXY excludes a URL. Loopback addresses never use a proxy. */
function isExcluded(url: URL, list: string): boolean {
  const host = bare(url.hostname)
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return true
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return list
    .split(',')
    .map(entry => entry.trim().toLowerCase())
    .some(entry => entry !== '' && matches(entry, host, port))
}

/**
 * Matches one NO_PROXY entry: `*`, a name with its subdomains (`example.com`), its subdomains alone (`.example.com`,
 * `*.example.com`), an address, or a network.
 */
function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return inNetwork(host, entry)
  const [, name = '', entryPort] = /^(\[[^\]]*\]|[^:]*|[^:]*:[^:]*:.*?)(?::(\d+))?$/.exec(entry) ?? []
  if (entryPort !== undefined && entryPort !== port) return false
  const domain = bare(name).replace(/^\*\./, '.')
  if (domain === '') return false
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`)
}

const bare = (host: string): string => host.replace(/^\[|\]$/g, '').toLowerCase()

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** Reports whether an address is in a network (`10.0.0.0/8`, `fd00::/8`). */
export function inNetwork(address: string, network: string): boolean {
  const [base = '', prefix = ''] = network.split('/')
  const bits = Number(prefix === '' ? (isIP(base) === 6 ? 128 : 32) : prefix)
  if (isIP(address) === 0 || isIP(base) === 0 || isIP(address) !== isIP(base)) return false
  if (!Number.isInteger(bits) || bits < 0 || bits > (isIP(base) === 6 ? 128 : 32)) return false
  const list = new BlockList()
  list.addSubnet(base, bits, familyOf(base))
  return list.check(address, familyOf(address))
}
