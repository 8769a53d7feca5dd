import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { shells } from './shells.ts'
import { call, stand } from './stand.ts'

// What of a relay can be known without a server: the rest is in test/zero.

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
    name: 'a program on loopback is for nobody outside',
    text: `listens_in '${listening}' 1F91 || echo no`,
    expected: 'no',
  },
  { name: 'a program listens on IPv6', text: `listens_in '${listening}' 1F92 && echo yes`, expected: 'yes' },
  { name: 'a connection is no listener', text: `listens_in '${listening}' 1F93 || echo no`, expected: 'no' },
  {
    name: 'the port at every address, IPv4',
    text: "port_of '0.0.0.0:32768\n[::]:32769' '*' 4",
    expected: '32768',
  },
  {
    name: 'the port at every address, IPv6',
    text: "port_of '0.0.0.0:32768\n[::]:32769' '*' 6",
    expected: '32769',
  },
  {
    name: 'an older engine writes IPv6 without brackets',
    text: "port_of ':::32769' '*' 6",
    expected: '32769',
  },
  { name: 'no IPv6 for a port on loopback', text: "port_of '127.0.0.1:32768' 127.0.0.1 6", expected: '-' },
  { name: 'the port at one address', text: "port_of '127.0.0.1:32768' 127.0.0.1 4", expected: '32768' },
  {
    name: 'ports are published at their addresses, each once',
    text: "name=web relay_ports='web 1 * 80 8080\nweb 1 127.0.0.1 81 8081\nweb 1 * 82 8080\nweb 2 * 83 8080\nother 1 * 84 9\n'\nprintf '%s ' $(published 1)",
    expected: '--publish 8080 --publish 127.0.0.1::8081 ',
  },
  {
    name: 'as many shadows as replicas have ports',
    text: "relay_ports='web 1 * 80 8080\nweb 2 * 81 8080\n'\nshadow_count web",
    expected: '2',
  },
]

suite('a relay', () => {
  for (const { name, text, expected } of table) {
    test(name, () => {
      for (const shell of shells) {
        const { output } = call(shell, stand({}, {}), text)
        assert.equal(output.replace(/\n$/, ''), expected, shell.join(' '))
      }
    })
  }

  test('a shadow is not named like the containers of a run, which are removed when it is settled', () => {
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

  test('the script that sets the rules is one that a shell understands, with a sweep of the older ones behind it', () => {
    for (const shell of shells) {
      const { output } = call(
        shell,
        stand({}, {}),
        `bridges() { echo br-1; }; rules_of() { echo "rules_for '*' 80 10.0.0.2:8080 32768 32769"; }; rehearsed=web
rule_script 2030-01-01T00:00:00 | sh -n && rule_script 2030-01-01T00:00:00 | tail -n 4`,
      )
      assert.match(output, /for tool in iptables ip6tables/, shell.join(' '))
      assert.match(output, /grep -v -e '--datestop 2030-01-01T00:00:00 '/)
    }
  })
})
