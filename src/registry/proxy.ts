import { BlockList, isIP } from 'node:net'
import type { Environment } from '../core/runtime.ts'

/**
 * The proxy that the environment names for a URL, as docker reads it (Go's net/http; there is no `ALL_PROXY`);
 * undefined when there is none.
 */
export function proxyFor(url: URL, env: Environment): URL | undefined {
  const text = either(env, url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY')
  if (text === '' || isExcluded(url, either(env, 'NO_PROXY'))) return undefined
  const proxy = text.includes('://') ? text : `http://${text}`
  if (URL.canParse(proxy)) return new URL(proxy)
  throw new Error(`\`${url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'}\` is no URL of a proxy`)
}

const either = (env: Environment, name: string): string => env[name] || env[name.toLowerCase()] || ''

/** This machine is never reached through a proxy. */
function isExcluded(url: URL, list: string): boolean {
  const host = bare(url.hostname)
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return true
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return list
    .split(',')
    .map(entry => entry.trim().toLowerCase())
    .some(entry => entry !== '' && matches(entry, host, port))
}

/** `*`, a name and all below it (`example.com`), all below it (`.example.com`, `*.example.com`), an address, a network. */
function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return inNetwork(host, entry)
  const [, name = '', only] = /^(\[[^\]]*\]|[^:]*|[^:]*:[^:]*:.*?)(?::(\d+))?$/.exec(entry) ?? []
  if (only !== undefined && only !== port) return false
  const domain = bare(name).replace(/^\*\./, '.')
  if (domain === '') return false
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`)
}

const bare = (host: string): string => host.replace(/^\[|\]$/g, '').toLowerCase()

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** Whether an address lies in a network (`10.0.0.0/8`, `fd00::/8`). */
export function inNetwork(address: string, network: string): boolean {
  const [base = '', prefix = ''] = network.split('/')
  const bits = Number(prefix === '' ? (isIP(base) === 6 ? 128 : 32) : prefix)
  if (isIP(address) === 0 || isIP(base) === 0 || isIP(address) !== isIP(base)) return false
  if (!Number.isInteger(bits) || bits < 0 || bits > (isIP(base) === 6 ? 128 : 32)) return false
  const list = new BlockList()
  list.addSubnet(base, bits, familyOf(base))
  return list.check(address, familyOf(address))
}
