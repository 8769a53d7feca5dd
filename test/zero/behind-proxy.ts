import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { assertGreen } from '../scenario/expect.ts'
import { openSite, type Site, type SiteOptions } from '../scenario/site.ts'
import { all, base, deploy, type Inputs, type Mode, program, service } from './app.ts'
import { type Origin, outside } from './load.ts'
import { type ProxyName, proxies, pushProxy, type ReverseProxy } from './proxies.ts'

// A service behind a reverse proxy. Only the proxy publishes a port.

const images = new Map<string, Promise<string>>()
function imageOf({ program: name }: ReverseProxy): Promise<string> {
  if (name === undefined) return Promise.resolve(base)
  const image = images.get(name) ?? pushProxy(all, name)
  images.set(name, image)
  return image
}

/**
 * Returns the compose service of the proxy, in the same project, as the documentation recommends. It is not deployed.
 */
export async function proxyService(
  name: ProxyName,
  site: Pick<Site, 'port' | 'name'>,
  labels = `zero=${site.name}`,
): Promise<string> {
  const proxy: ReverseProxy = proxies[name]
  return `  proxy:
    image: ${await imageOf(proxy)}
    restart: unless-stopped
    entrypoint: ${JSON.stringify(proxy.command)}
    environment: { LABELS: "${labels}" }
    ports: ["${site.port}:8080"]
    volumes: ["./proxy:/proxy:ro", "/var/run/docker.sock:/docker.sock"]
`
}

/** Returns the origin of requests: from outside, through the proxy. */
export const throughProxy = ({ server, port }: Site): Origin[] => [
  outside(program, `${server.address}:${port}`),
]

/** Opens a site behind a proxy, which serves the page `one`. */
export async function openProxied(name: ProxyName, server: SiteOptions['server'], more = ''): Promise<Site> {
  const proxy: ReverseProxy = proxies[name]
  const site = await openSite(`zero-${name}`, { ...(server === undefined ? {} : { server }), empty: true })
  const compose = `services:\n${service('web', site, more)}${await proxyService(name, site)}`
  await site.write('compose.yaml', compose)
  await site.sh('mkdir -p proxy && chown deploy: proxy')
  for (const [file, text] of Object.entries(proxy.files)) await site.write(`proxy/${file}`, text)
  assertGreen(await deployBehind(site, name, 'one', 'graceful'))
  await site.sh('docker compose up -d --no-deps --quiet-pull proxy')
  const end = Date.now() + 20_000
  while ((await site.page()) !== 'one' && Date.now() < end) await sleep(300)
  assert.equal(await site.page(), 'one', await site.sh('docker compose logs proxy'))
  return site
}

/** Deploys the app with `start-first`, and with `proxy-reload` if its proxy needs that. */
export function deployBehind(site: Site, name: ProxyName, page: string, mode: Mode, inputs: Inputs = {}) {
  const { reload }: ReverseProxy = proxies[name]
  const reloadInputs =
    reload === undefined ? {} : { 'proxy-reload': `docker compose exec -T proxy ${reload}` }
  return deploy(site, page, mode, { strategy: 'start-first', ...reloadInputs, ...inputs })
}

/** Asserts the containers' names and health, that no firewall rule is left, and that a plain `up` changes nothing. */
export async function assertNames(site: Site, count = 1): Promise<void> {
  const names = await site.sh(
    `docker ps -a --filter label=com.docker.compose.project=${site.name} --filter label=com.docker.compose.service=web --format '{{.Names}}'`,
  )
  const expected = Array.from({ length: count }, (_, index) => `${site.name}-web-${index + 1}`)
  assert.deepEqual(names.trim().split('\n').sort(), expected)
  for (const id of await site.running()) {
    const state = await site.sh(`docker inspect -f '{{.State.Pid}} {{.State.Health.Status}}' ${id}`)
    const [pid = '', health = ''] = state.trim().split(' ')
    assert.equal(health, 'healthy')
    const { stdout } = await site.server.exec(`nsenter -t ${pid} -n iptables -w 5 -S INPUT`)
    assert.doesNotMatch(stdout, /slipway/)
  }
  // `exec` must find the container, whatever its container number.
  await site.sh('docker compose exec -T web /zero health')
  const running = await site.running()
  await site.sh('docker compose up -d')
  assert.deepEqual(await site.running(), running, 'a plain `up` changes nothing')
}
