import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Server, ServerOptions } from '../rig/rig.ts'
import { assertGreen, assertRed } from '../scenario/expect.ts'
import { openSite } from '../scenario/site.ts'
import {
  all,
  assertTidy,
  atStage,
  composeOf,
  deploy,
  everyOrigin,
  long,
  measured,
  program,
  withoutLoss,
} from './app.ts'
import { assertNames, deployBehind, openProxied, throughProxy } from './behind-proxy.ts'
import { onServer, outside, shown } from './load.ts'

// Servers with another firewall, or with another configuration of the engine.

/** Creates the links that Debian's iptables package creates when it is configured. */
const links = `for name in iptables ip6tables; do
  for end in save restore; do ln -s xtables-nft-multi "/usr/sbin/$name-$end"; done
done
`

const firewalls: Readonly<Record<string, ServerOptions>> = {
  // The rig's servers otherwise have iptables-nft.
  'iptables-legacy': {
    prepare: `for name in iptables ip6tables; do ln -sf xtables-legacy-multi "/usr/sbin/$name"; done
`,
  },
  // All ports except SSH are closed, unless the engine opens them itself.
  ufw: {
    packages: ['ufw'],
    prepare: `${links}cp /usr/share/ufw/ufw.conf /usr/share/ufw/*.init /usr/share/ufw/iptables/*.rules /etc/ufw/
ufw allow 22/tcp
ufw --force enable
`,
  },
  firewalld: {
    packages: ['firewalld', 'dbus', 'nftables'],
    prepare: `${links}grep -q ^messagebus: /etc/passwd || {
  echo messagebus:x:110:110::/nonexistent:/usr/sbin/nologin >>/etc/passwd
  echo messagebus:x:110: >>/etc/group
}
mkdir -p /run/dbus /var/lib/dbus
dbus-uuidgen --ensure
dbus-daemon --system --fork 2>/dev/null
firewalld --nopid >/dev/null 2>&1 </dev/null
until firewall-cmd --state; do sleep 0.2; done
`,
  },
}

const unsupported: readonly {
  readonly name: string
  readonly options: ServerOptions
  readonly cause: RegExp
  readonly remedy: RegExp
}[] = [
  {
    name: '`userland-proxy: false`',
    options: { engine: { 'userland-proxy': false } },
    cause: /the engine runs without `userland-proxy`/,
    remedy: /Set `"userland-proxy": true`/,
  },
  {
    name: '`iptables: false`',
    options: { engine: { iptables: false } },
    cause: /the server’s iptables has no rule of the engine for a published port/,
    remedy: /Remove `"iptables": false`/,
  },
  {
    // Engine 28.5 enables it with a variable, but still publishes ports with iptables.
    name: 'an engine with the nftables backend',
    options: {
      packages: ['nftables'],
      prepare: `printf '#!/bin/sh\\nDOCKER_FIREWALL_BACKEND=nftables exec /usr/sbin/dockerd "$@"\\n' >/usr/local/sbin/dockerd
chmod 755 /usr/local/sbin/dockerd
`,
    },
    cause: /the engine uses its nftables backend/,
    remedy: /Set `"firewall-backend": "iptables"`/,
  },
]

async function withServer(options: ServerOptions, work: (server: Server) => Promise<void>): Promise<void> {
  const server = await all.server(options)
  try {
    await work(server)
  } finally {
    await server.remove()
  }
}

/** Asserts that `start-first` loses no request behind a proxy, which the server's firewall does not affect. */
async function assertStartFirst(server: Server, title: string): Promise<void> {
  await using site = await openProxied('labels', server)
  const load = { title: `start-first, ${title}`, origins: throughProxy(site) }
  assertGreen(await withoutLoss(site, load, () => deployBehind(site, 'labels', 'two', 'graceful')))
  assert.equal(await site.page(), 'two')
  await assertNames(site)
}

// Only in the long form.
if (long)
  suite('on a server with', () => {
    for (const [name, options] of Object.entries(firewalls))
      test(`${name}: no request that the firewall allows is lost`, () =>
        withServer(options, async server => {
          {
            await using site = await openSite('zero-wall', { server, compose: composeOf })
            assertGreen(await deploy(site, 'one', 'graceful'))
            // ufw always blocks requests from containers to the server's ports.
            const origins = everyOrigin(site).filter(
              each => name !== 'ufw' || !each.name.startsWith('container'),
            )
            const load = { title: `relay, ${name}`, origins }
            assertGreen(await withoutLoss(site, load, () => deploy(site, 'two', 'graceful')))
            assert.equal(await site.page(), 'two')
            await assertTidy(site)
          }
          await assertStartFirst(server, name)
        }))

    for (const { name, options, cause, remedy } of unsupported)
      test(`${name}: \`relay\` is rejected before the build, and \`auto\` recreates`, () =>
        withServer(options, async server => {
          {
            await using site = await openSite('zero-other', { server, compose: composeOf })
            assertGreen(await deploy(site, 'one', 'graceful', { strategy: 'auto' }))
            const before = await site.running()
            const relay = await deploy(site, 'two', 'graceful')
            assertRed(relay, { stage: 'preflight', cause, remedy })
            assert.deepEqual(await site.running(), before)
            const auto = await deploy(site, 'two', 'graceful', { strategy: 'auto' })
            assertGreen(auto)
            assert.match(auto.log, cause)
            assert.equal(await site.page(), 'two')
          }
          await assertStartFirst(server, name)
        }))

    for (const live of [false, true]) {
      const name = `an engine that restarts while requests are diverted, live-restore ${live ? 'on' : 'off'}`
      test(`${name}: requests are lost only while the engine is down, and one release is served`, () =>
        withServer({ engine: { 'live-restore': live } }, async server => {
          await using site = await openSite('zero-away', { server, compose: composeOf })
          assertGreen(await deploy(site, 'one', 'graceful'))
          const origins = [
            outside(program, `${server.address}:${site.port}`),
            onServer(server, program, `127.0.0.1:${site.port}`),
          ]
          let [stopped, restarted] = [0, 0]
          const work = async () => {
            const stage = atStage(site, 'drain', 'echo reached')
            const deployed = deploy(site, 'two', 'graceful', { drain: '6' })
            assert.equal((await stage).trim(), 'reached')
            stopped = Date.now() / 1000
            await server.stopEngine()
            await server.startEngine()
            restarted = Date.now() / 1000
            return await deployed
          }
          const { result, tallies } = await measured(site, { title: name, origins }, work)
          const page = await site.page()
          assert.equal(result.conclusion === 'success', page === 'two', `${page}\n${result.log}`)
          assert.ok(page === 'one' || page === 'two', `${page} is served\n${result.log}`)
          process.stdout.write(
            `${name}: engine down for ${(restarted - stopped).toFixed(1)} s, ${result.conclusion}\n`,
          )
          for (const { first = stopped, last = restarted } of tallies)
            assert.ok(
              first > stopped - 0.5 && last < restarted + 15,
              `engine down from ${stopped} to ${restarted}:\n${shown(tallies)}`,
            )
          await assertTidy(site)
        }))
    }
  })
