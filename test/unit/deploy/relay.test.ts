import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { shells } from './shells.ts'
import { call, stand } from './stand.ts'

// The part of a relay that can be tested without a server; the rest is in test/zero.

const listening = `  sl  local_address rem_address   st
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000
   1: 0100007F:1F91 00000000:0000 0A 00000000:00000000
   2: 00000000000000000000000000000000:1F92 00000000000000000000000000000000:0000 0A
   3: 00000000:1F93 00000000:0000 01 00000000:00000000`

const table = [
  {
    name: 'a program listens on every address',
    text: `listens_in '${listening}' 1F90 && echo yes`,
    expected: 'yes',
  },
  {
    name: 'a program on loopback is not reachable from outside',
    text: `listens_in '${listening}' 1F91 || echo no`,
    expected: 'no',
  },
  { name: 'a program listens on IPv6', text: `listens_in '${listening}' 1F92 && echo yes`, expected: 'yes' },
  {
    name: 'an open connection is not a listener',
    text: `listens_in '${listening}' 1F93 || echo no`,
    expected: 'no',
  },
  {
    name: 'the port published on every address, IPv4',
    text: "port_of '0.0.0.0:32768\n[::]:32769' '*' 4",
    expected: '32768',
  },
  {
    name: 'the port published on every address, IPv6',
    text: "port_of '0.0.0.0:32768\n[::]:32769' '*' 6",
    expected: '32769',
  },
  {
    name: 'an older engine, which writes IPv6 without brackets',
    text: "port_of ':::32769' '*' 6",
    expected: '32769',
  },
  {
    name: 'an older engine, a port on `::`',
    text: "port_of ':::32769' :: 4; port_of ':::32769' :: 6",
    expected: '-\n32769',
  },
  {
    name: 'an IPv6 address is not an IPv4 address',
    text: "port_of 'fd00::1:32769' fd00::1 4; port_of 'fd00::1:32769' fd00::1 6; port_of 'fd00::1:5:32769' fd00::1 6",
    expected: '-\n32769\n-',
  },
  {
    name: 'a network that is only routed',
    text: "port_of '0.0.0.0:0\n[::]:' '*' 4; port_of '0.0.0.0:0\n[::]:' '*' 6",
    expected: '-\n-',
  },
  { name: 'no IPv6 for a port on loopback', text: "port_of '127.0.0.1:32768' 127.0.0.1 6", expected: '-' },
  {
    name: 'the port published on one address',
    text: "port_of '127.0.0.1:32768' 127.0.0.1 4",
    expected: '32768',
  },
  {
    name: 'publishes each port once, on its address',
    text: "name=web relay_ports='web 1 * 80 8080\nweb 1 127.0.0.1 81 8081\nweb 1 * 82 8080\nweb 2 * 83 8080\nother 1 * 84 9\n'\nprintf '%s ' $(published 1)",
    expected: '--publish 8080 --publish 127.0.0.1::8081 ',
  },
  {
    name: 'starts a shadow for each replica with a port',
    text: "relay_ports='web 1 * 80 8080\nweb 2 * 81 8080\n'\nshadow_count web",
    expected: '2',
  },
]

/** Reports whether each bridge is `open` or `closed`, by the rules that `nft` and `iptables` list. */
const bridgesWhere = (closed: string, zones: string, input: string): string =>
  `eval "$firewall_functions"; closed=${closed}
nft() { case $* in 'list chain inet firewalld filter_INPUT_ZONES') printf '%s\\n' '${zones}' ;; esac; }
iptables() { case $* in '-w 5 -S INPUT') echo '${input}' ;; esac; }
for bridge in br-1 br-2; do if is_closed_to "$bridge"; then echo closed; else echo open; fi; done`

const firewalls = [
  { name: 'no firewall', text: bridgesWhere('', '', '-P INPUT ACCEPT'), expected: 'open open' },
  {
    name: 'a firewall that closes the ports of the server',
    text: bridgesWhere('', '', '-P INPUT DROP'),
    expected: 'closed closed',
  },
  {
    name: 'firewalld, which has one of two bridges in the zone of the engine',
    text: bridgesWhere('yes', '  iifname "br-1" goto filter_IN_docker', '-P INPUT ACCEPT'),
    expected: 'open closed',
  },
  {
    name: 'firewalld without `nft`',
    text: bridgesWhere('yes', '', '-P INPUT ACCEPT'),
    expected: 'closed closed',
  },
]

suite('a relay', () => {
  for (const { name, text, expected } of firewalls) {
    test(`with requests from containers and ${name}`, () => {
      for (const shell of shells) {
        const { output } = call(shell, stand({}, {}), text)
        assert.equal(output.trim().replaceAll('\n', ' '), expected, shell.join(' '))
      }
    })
  }

  test('sets its rules again after the drain only if the rehearsed containers have moved to other ports', () => {
    for (const shell of shells)
      for (const [ports, expected] of [
        ['32768', ''],
        ['40000', 'await web\nset\n'],
      ]) {
        const { output } = call(
          shell,
          stand({}, {}),
          `rehearsed=web relay_rules='web 32768'; rules_of() { echo "$1 ${ports}"; }
await_ports() { echo "await $1"; }; set_rules() { echo set; }; refresh_rules`,
        )
        assert.equal(output, expected, shell.join(' '))
      }
  })

  for (const { name, text, expected } of table) {
    test(name, () => {
      for (const shell of shells) {
        const { output } = call(shell, stand({}, {}), text)
        assert.equal(output.replace(/\n$/, ''), expected, shell.join(' '))
      }
    })
  }

  test('ends the deploy before it touches the service if the rules would have no target', () => {
    for (const shell of shells) {
      const { output } = call(
        shell,
        stand({}, {}),
        `docker() { return 1; }; engine_answers() { :; }; firewall() { echo set; }
project=app rehearsed=web relay_ports='web 1 * 80 8080'; set_rules || echo "$reason_code"`,
      )
      assert.match(output, /^rules-not-set$/m, shell.join(' '))
      assert.doesNotMatch(output, /^set$/m)
    }
  })

  for (const [name, ports] of [
    ['is not published', 'return 1'],
    ['is published on another address only', 'echo 127.0.0.1:32769'],
  ])
    test(`ends the deploy if a port gets no rule: it ${name}`, () => {
      for (const shell of shells) {
        const { output } = call(
          shell,
          stand({}, {}),
          `docker() { case $* in *81/tcp) ${ports} ;; port*) echo 0.0.0.0:32768 ;; *) echo 10.0.0.2 ;; esac; }
engine_answers() { :; }; flush() { :; }; rules_lifetime() { echo 9; }; firewall() { :; }
project=app rehearsed=web; relay_ports='web 1 * 80 80'; divert && echo all
relay_ports="$relay_ports\${newline}web 1 * 81 81"; divert || echo "$reason_code"`,
        )
        assert.match(output, /^all$[\s\S]*^rules-not-set$/m, shell.join(' '))
      }
    })

  for (const { said, runs } of [
    { said: 'failed to bind host port 0.0.0.0:40001/tcp: address already in use', runs: 3 },
    { said: 'no such file or directory', runs: 1 },
  ])
    test(`starts a shadow ${runs} times at most: ${said}`, () => {
      for (const shell of shells) {
        const { output } = call(
          shell,
          stand({}, {}),
          `within() { case "$*" in *--help*) ;; *) echo run >&6; echo '${said}'; return 1 ;; esac; }
docker() { echo "$*" >&6; }
name=web index=1 project=app; start_shadow || echo "$reason_code"`,
        )
        assert.equal(output.match(/^run$/gm)?.length, runs, output)
        assert.equal(
          output.match(/^rm -f app-web-slipway-shadow-/gm)?.length ?? 0,
          runs === 3 ? 3 : 0,
          output,
        )
        assert.match(output, /^shadow-not-started$/m)
      }
    })

  test('names a shadow unlike the containers of a run, which are removed when the run is settled', () => {
    for (const shell of shells) {
      const { output } = call(
        shell,
        stand({}, {}),
        `project=app; echo 'id one' >"$record/run"; docker() { printf '%s\\n' "$*" >&6; }
shadow_name web 1; end_hooks one`,
      )
      const [name = '', asked = ''] = output.split('\n')
      const filter = /--filter name=(\S+)/.exec(asked)?.[1] ?? ''
      assert.match(name, /^app-web-/)
      assert.ok(filter !== '' && !name.includes(filter), `${name} is removed by ${asked}`)
    }
  })
})
