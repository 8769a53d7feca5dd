import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Server, ServerOptions } from '../rig/rig.ts'
import { assertGreen, assertRed } from '../scenario/expect.ts'
import { openSite } from '../scenario/site.ts'
import { lostOf, onServer, outside, shown } from './load.ts'
import { assertNames, byProxy, deployBehind, openProxied } from './proxied.ts'
import {
  all,
  assertTidy,
  atStage,
  composeOf,
  deploy,
  measured,
  program,
  whole,
  withoutLoss,
} from './relayed.ts'

// Servers on which something else decides about packets, or the engine is set up in another way.

/** What Debian's package of iptables links when it is set up. */
const links = `for name in iptables ip6tables; do
  for end in save restore; do ln -s xtables-nft-multi "/usr/sbin/$name-$end"; done
done
`

const firewalls: Readonly<Record<string, ServerOptions>> = {
  // What the rig's servers have otherwise is the other kind, which sets rules of nftables.
  'iptables-legacy': {
    prepare: `for name in iptables ip6tables; do ln -sf xtables-legacy-multi "/usr/sbin/$name"; done
`,
  },
  // Ports other than that of SSH are closed, as far as the engine does not open them itself.
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

const refused: readonly {
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
    // Engine 28.5 has it by a variable; its published ports are still a matter of iptables.
    name: 'an engine that says nftables',
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

async function onItsOwn(options: ServerOptions, work: (server: Server) => Promise<void>): Promise<void> {
  const server = await all.server(options)
  try {
    await work(server)
  } finally {
    await server.remove()
  }
}

/** Behind a proxy nothing of the server's own network matters. */
async function startsFirst(server: Server, title: string): Promise<void> {
  await using site = await openProxied('labels', server)
  const loaded = { title: `start-first, ${title}`, ways: byProxy(site) }
  assertGreen(await withoutLoss(site, loaded, () => deployBehind(site, 'labels', 'two', 'graceful')))
  assert.equal(await site.page(), 'two')
  await assertNames(site)
}

// Only in the long form.
if (whole)
  suite('on a server with', () => {
    for (const [name, options] of Object.entries(firewalls))
      test(`${name}: no request that it lets in is lost`, () =>
        onItsOwn(options, async server => {
          {
            await using site = await openSite('zero-wall', { server, compose: composeOf })
            assertGreen(await deploy(site, 'one', 'graceful'))
            const loaded = { title: `relay, ${name}` }
            const { result, tallies } = await measured(site, loaded, () => deploy(site, 'two', 'graceful'))
            assertGreen(result)
            assert.equal(await site.page(), 'two')
            // ufw closes the server's ports to containers at any time.
            const kept = tallies.filter(({ from }) => name !== 'ufw' || !from.startsWith('container'))
            assert.equal(lostOf(kept), 0, shown(kept))
            await assertTidy(site)
          }
          await startsFirst(server, name)
        }))

    for (const { name, options, cause, remedy } of refused)
      test(`${name}: a relay is refused before the build, and \`auto\` recreates`, () =>
        onItsOwn(options, async server => {
          {
            await using site = await openSite('zero-other', { server, compose: composeOf })
            assertGreen(await deploy(site, 'one', 'graceful', { strategy: 'auto' }))
            const before = await site.running()
            const named = await deploy(site, 'two', 'graceful')
            assertRed(named, { stage: 'preflight', cause, remedy })
            assert.deepEqual(await site.running(), before)
            const auto = await deploy(site, 'two', 'graceful', { strategy: 'auto' })
            assertGreen(auto)
            assert.match(auto.log, cause)
            assert.equal(await site.page(), 'two')
          }
          await startsFirst(server, name)
        }))

    for (const live of [false, true]) {
      const name = `an engine that restarts while requests are diverted, live-restore ${live ? 'on' : 'off'}`
      test(`${name}: requests are lost while it is away alone, and a release serves`, () =>
        onItsOwn({ engine: { 'live-restore': live } }, async server => {
          await using site = await openSite('zero-away', { server, compose: composeOf })
          assertGreen(await deploy(site, 'one', 'graceful'))
          const ways = [
            outside(program, `${server.address}:${site.port}`),
            onServer(server, program, `127.0.0.1:${site.port}`),
          ]
          let [gone, back] = [0, 0]
          const work = async () => {
            const stage = atStage(site, 'drain', 'echo there')
            const deployed = deploy(site, 'two', 'graceful', { drain: '6' })
            assert.equal((await stage).trim(), 'there')
            gone = Date.now() / 1000
            await server.stopEngine()
            await server.startEngine()
            back = Date.now() / 1000
            return await deployed
          }
          const { result, tallies } = await measured(site, { title: name, ways }, work)
          const page = await site.page()
          assert.equal(result.conclusion === 'success', page === 'two', `${page}\n${result.log}`)
          assert.ok(page === 'one' || page === 'two', `${page} is served\n${result.log}`)
          process.stdout.write(`${name}: away for ${(back - gone).toFixed(1)} s, ${result.conclusion}\n`)
          for (const { first = gone, last = back } of tallies)
            assert.ok(
              first > gone - 0.5 && last < back + 15,
              `away from ${gone} to ${back}:\n${shown(tallies)}`,
            )
          await assertTidy(site)
        }))
    }
  })
