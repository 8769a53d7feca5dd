import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import type { CopyFacts } from '../../../../src/compose/config.ts'
import { type Answer, answerOf, readAnswer } from '../../../../src/target/compose-host/answer.ts'
import { chooseStrategies } from '../../../../src/target/compose-host/strategy.ts'
import { readProbe } from '../../../../src/target/compose-host/strategy-probe.ts'
import { server, service } from './preflight/facts.ts'

const publishing: CopyFacts = {
  ports: [{ address: undefined, published: '8080', target: 80, protocol: 'tcp' }],
  writes: [],
  fixedAddress: false,
  volumesFrom: [],
}

suite('what rules out a strategy on a server:', () => {
  const good = [
    { name: 'probed', lines: [] },
    { name: 'proxy', lines: [] },
    { name: 'rule.code', lines: ['0'] },
  ]
  const table = [
    { name: 'nothing', sections: good, expected: [] },
    {
      name: 'a rootless engine',
      sections: [...good, { name: 'security', lines: ['["name=seccomp","name=rootless"]'] }],
      expected: [/rootless/],
    },
    {
      name: 'Podman',
      sections: [...good, { name: 'components', lines: ['Podman Engine', 'Conmon'] }],
      expected: [/Podman/],
    },
    {
      name: 'the nftables backend',
      sections: [...good, { name: 'backend', lines: ['nftables'] }],
      expected: [/nftables/],
    },
    {
      name: 'no userland-proxy',
      sections: good.filter(({ name }) => name !== 'proxy'),
      expected: [/userland-proxy/],
    },
    {
      name: 'a kernel without xt_time',
      sections: [
        ...good.slice(0, 2),
        { name: 'rule.code', lines: ['2'] },
        {
          name: 'rule.error',
          lines: ['iptables: Extension time revision 0 not supported, missing kernel module?'],
        },
      ],
      expected: [/the server cannot add a firewall rule with an expiry date \(iptables: Extension time/],
    },
    {
      name: 'a table that iptables cannot list',
      sections: [
        ...good.slice(0, 2),
        { name: 'rule', lines: ['set'] },
        { name: 'rule.code', lines: ['1'] },
        { name: 'rule.error', lines: ['iptables: table `nat` is incompatible'] },
      ],
      expected: [/the server cannot list its firewall rules.* \(iptables: table `nat` is incompatible\)/],
    },
    {
      name: 'no REJECT in the network of a container',
      sections: [
        { name: 'inside.code', lines: ['4'] },
        { name: 'inside.error', lines: ['iptables: REJECT failed'] },
      ],
      expected: [
        /the server cannot add a firewall rule in the network of its container \(iptables: REJECT failed\)/,
      ],
    },
  ]
  for (const { name, sections, expected } of table) {
    test(name, () => {
      const { blockers: all } = readProbe(answerOf(sections))
      const blockers = [...all.relay, ...all['start-first']]
      assert.equal(blockers.length, expected.length)
      for (const [index, pattern] of expected.entries()) assert.match(blockers[index]?.why ?? '', pattern)
    })
  }

  test('an anonymous volume of the running container counts, a named one does not', () => {
    const lines = [`volume ${'a'.repeat(64)} /var/lib/data`, 'volume app_named /named', 'bind  /etc/x']
    const probe = readProbe(answerOf([...good, { name: 'mounts.web', lines }]))
    assert.deepEqual(probe.anonymous, { web: ['/var/lib/data'] })
    const { problems } = chooseStrategies(
      { strategy: 'relay', overlap: [] },
      server({ services: [service('web', { copies: publishing })] }),
      probe,
    )
    assert.match(problems[0]?.cause ?? '', /the anonymous volume at `\/var\/lib\/data`/)
  })
})

const probeScript = ['answer', 'host-tools', 'strategy-probe']
  .map(name =>
    readFileSync(new URL(`../../../../src/target/compose-host/${name}.sh`, import.meta.url), 'utf8'),
  )
  .join('\n')

interface Host {
  /** The output of `docker port`. */
  readonly ports?: string
  /** The number of restarts and of declared ports, and the published ports. */
  readonly state?: string
  /** The cases of iptables and ip6tables that differ from those of a usable server. */
  readonly iptables?: string
  readonly ip6tables?: string
}

/** Runs strategy-probe.sh for the service `web`, on a server with this docker and iptables. */
function probe({
  ports = '80/tcp -> 0.0.0.0:8080',
  state = '0 1: 8080 8080 ',
  iptables = '',
  ip6tables = '',
}: Host): Answer {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-probe-'))
  const programs = {
    docker: `case $1 in
  ps) echo c1 ;;
  inspect) case $3 in *RestartCount*) echo '${state}' ;; *) echo sha256:1 ;; esac ;;
  port) echo '${ports}' ;;
  run) for script in "$@"; do :; done; exec sh -c "$script" ;;
esac`,
    iptables: `case $* in ${iptables} *DOCKER) echo '-A DOCKER ! -i br-1 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.18.0.2:80' ;; esac`,
    ip6tables: `case $* in ${ip6tables} esac`,
  }
  try {
    for (const [name, text] of Object.entries(programs)) {
      writeFileSync(join(directory, name), `#!/bin/sh\n${text}\n`)
      chmodSync(join(directory, name), 0o755)
    }
    const { status, stdout } = spawnSync('sh', ['-s', 'app', 'web', '', '', 'docker'], {
      input: probeScript,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${directory}:${process.env['PATH'] ?? ''}` },
    })
    const answer = readAnswer({ code: status, stdout })
    assert.ok(answer !== undefined, stdout)
    return answer
  } finally {
    rmSync(directory, { recursive: true })
  }
}

suite('the probe of a server', () => {
  const unmanaged = /^the server’s iptables has no rule of the engine for a published port/
  const table: readonly (Host & { readonly name: string; readonly expected: RegExp })[] = [
    { name: 'with a usable firewall', expected: /^$/ },
    {
      name: 'that cannot add a rule',
      iptables: '*-I*) echo no xt_time >&2; exit 2 ;;',
      expected: /^the server cannot add a firewall rule with an expiry date \(no xt_time\)$/,
    },
    ...['PREROUTING', 'OUTPUT'].map(chain => ({
      name: `that cannot list ${chain}`,
      iptables: `*'-S ${chain}') echo incompatible >&2; exit 1 ;;`,
      expected: /^the server cannot list its firewall rules.* \(incompatible\)$/,
    })),
    { name: 'that cannot list IPv6 rules, without IPv6', ip6tables: '*) exit 1 ;;', expected: /^$/ },
    ...['[::]:8080', ':::8080', '[fd00::10]:8080'].map(port => ({
      name: `that cannot list IPv6 rules, with ${port}`,
      ports: `80/tcp -> 0.0.0.0:8080\n80/tcp -> ${port}`,
      ip6tables: '*-S*) exit 1 ;;',
      expected: /^the server cannot list its firewall rules/,
    })),
    {
      name: 'whose engine does not manage the firewall',
      iptables: '*DOCKER) exit 1 ;;',
      expected: unmanaged,
    },
    {
      name: 'whose engine has a rule for another port only',
      ports: '80/tcp -> 0.0.0.0:8080\n81/tcp -> 10.0.0.5:808',
      expected: unmanaged,
    },
    {
      name: 'whose engine needs no rule: loopback, IPv6, UDP',
      ports: '80/tcp -> 127.0.0.1:80\n81/tcp -> [::1]:81\n53/udp -> 0.0.0.0:53',
      iptables: '*DOCKER) exit 1 ;;',
      expected: /^$/,
    },
    {
      name: 'whose old container crashes, so that its rules come and go',
      state: '3 1: 8080 ',
      iptables: '*DOCKER) exit 1 ;;',
      expected: /^$/,
    },
  ]
  for (const { name, expected, ...host } of table)
    test(name, () => {
      const found = readProbe(probe(host)).blockers.relay.filter(({ why }) => !why.includes('userland-proxy'))
      assert.match(found.map(({ why }) => why).join('\n'), expected)
    })

  for (const { name, ports, state, expected } of [
    { name: 'whose engine publishes the ports', state: '0 1: 8080 ', expected: [] },
    { name: 'whose network is internal', ports: '', state: '0 1: ', expected: ['web'] },
    {
      name: 'whose network is only routed',
      ports: '80/tcp -> 0.0.0.0:0',
      state: '0 1: 0 ',
      expected: ['web'],
    },
    { name: 'whose old container had no ports', ports: '', state: '0 0: ', expected: [] },
    { name: 'whose old container is down', ports: '', state: '', expected: [] },
  ])
    test(name, () => {
      const found = readProbe(probe({ ...(ports === undefined ? {} : { ports }), state }))
      assert.deepEqual(found.unpublished, expected)
      const [chosen] = chooseStrategies(
        { strategy: 'auto', overlap: [] },
        server({ services: [service('web', { copies: publishing })] }),
        { ...found, blockers: { relay: [], 'start-first': [] } },
      ).strategies
      assert.match(chosen?.reason ?? '', expected.length > 0 ? /the engine does not publish its ports/ : /^$/)
    })
})
