import type { Environment } from '../core/runtime.ts'

/** The proxy that the environment names for a URL, as curl and Go read it; undefined when there is none. */
export function proxyFor(url: URL, env: Environment): URL | undefined {
  const scheme = url.protocol.slice(0, -1).toUpperCase()
  // Upper-case HTTP_PROXY can be a header of a request where we run as CGI, but we never do.
  const text = either(env, `${scheme}_PROXY`) || either(env, 'ALL_PROXY')
  if (text === '' || isExcluded(url, either(env, 'NO_PROXY'))) return undefined
  const proxy = text.includes('://') ? text : `http://${text}`
  return URL.canParse(proxy) ? new URL(proxy) : undefined
}

const either = (env: Environment, name: string): string => env[name.toLowerCase()] || env[name] || ''

/** This machine is never reached through a proxy (as Go's net/http has it). */
function isExcluded(url: URL, list: string): boolean {
  const host = bare(url.hostname)
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return true
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return list
    .split(/[\s,]+/)
    .filter(entry => entry !== '')
    .some(entry => matches(entry.toLowerCase(), host, port))
}

/** `*`, a name and all below it (`example.com`, `.example.com`, `*.example.com`), an address, a network, each with a port. */
function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return inNetwork(host, entry)
  const [, name = '', only] = /^(\[[^\]]*\]|[^:]*|[^:]*:[^:]*:.*?)(?::(\d+))?$/.exec(entry) ?? []
  if (only !== undefined && only !== port) return false
  const domain = bare(name).replace(/^\*?\./, '')
  return host === domain || host.endsWith(`.${domain}`)
}

const bare = (host: string): string => host.replace(/^\[|\]$/g, '').toLowerCase()

/** Whether an IPv4 address lies in a network (`10.0.0.0/8`). */
export function inNetwork(address: string, network: string): boolean {
  const [base = '', bits = '32'] = network.split('/')
  const one = toNumber(address)
  const other = toNumber(base)
  if (one === undefined || other === undefined) return address === base
  const size = 2 ** (32 - Number(bits))
  return Math.floor(one / size) === Math.floor(other / size)
}

function toNumber(address: string): number | undefined {
  const parts = address.split('.').map(Number)
  const valid = parts.length === 4 && parts.every(part => Number.isInteger(part) && part >= 0 && part < 256)
  return valid ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined
}
