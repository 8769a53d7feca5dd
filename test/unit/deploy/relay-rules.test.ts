import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { shells } from './shells.ts'
import { call, put, stand } from './stand.ts'

// The firewall rules of a relay, with an iptables that prints what a test has written. The real one is in test/zero.

/** Calls the agent with these programs instead of iptables and ip6tables. */
function callWith(
  shell: readonly string[],
  text: string,
  { iptables, ip6tables = 'exit 1' }: { readonly iptables: string; readonly ip6tables?: string },
) {
  const place = stand({}, {})
  put(place.directory, {
    'bin/iptables': `#!/bin/sh\n${iptables}\n`,
    'bin/ip6tables': `#!/bin/sh\n${ip6tables}\n`,
  })
  return call(
    shell,
    place,
    `project=app; chmod 755 $directory/bin/iptables $directory/bin/ip6tables; PATH=$directory/bin:$PATH; firewall() { sh -c "$1"; }\n${text}`,
  )
}

/** An iptables with two rules in PREROUTING, the second of which is the rule and the first its exception. */
const listing = `case $* in
  *'-S PREROUTING') printf '%s\\n' '-P PREROUTING ACCEPT' '-A PREROUTING -i br-1 --comment "slipway:app" -j RETURN' '-A PREROUTING --comment "slipway:app" -j DNAT' ;;
  *'-S OUTPUT') printf '%s\\n' '-A OUTPUT --comment "slipway:other" -j DNAT' '-A OUTPUT --comment "slipway:app" -j REDIRECT' ;;
  *-S*) echo "table nat is incompatible, use 'nft' tool." >&2; exit 1 ;;
  *-D*) echo "$*" ;;
esac`
const unlisted = (chain: string): string => `case $* in *"-S ${chain}") exit 1 ;; esac\n${listing}`

suite('the rules of a relay', () => {
  test('are removed from the last to the first, because earlier ones are exceptions from later ones', () => {
    for (const shell of shells) {
      const { output } = callWith(shell, 'remove_rules && echo removed', { iptables: listing })
      assert.equal(
        output,
        `-w 5 -t nat -D OUTPUT --comment slipway:app -j REDIRECT
-w 5 -t nat -D PREROUTING --comment slipway:app -j DNAT
-w 5 -t nat -D PREROUTING -i br-1 --comment slipway:app -j RETURN
removed
`,
        shell.join(' '),
      )
    }
  })

  const remains: readonly {
    readonly name: string
    readonly iptables: string
    readonly ip6tables?: string
    readonly ports?: string
    readonly expected: 'removed' | 'kept'
  }[] = [
    { name: 'a chain for IPv4 cannot be listed', iptables: unlisted('PREROUTING'), expected: 'kept' },
    { name: 'the other chain for IPv4 cannot be listed', iptables: unlisted('OUTPUT'), expected: 'kept' },
    {
      name: 'IPv6 cannot be listed, and there are IPv6 rules',
      iptables: listing,
      ports: '32768 32769',
      expected: 'kept',
    },
    {
      name: 'IPv6 cannot be listed, and there are no IPv6 rules',
      iptables: listing,
      ports: '32768 -',
      expected: 'removed',
    },
    {
      name: 'both can be listed',
      iptables: listing,
      ip6tables: listing,
      ports: '32768 32769',
      expected: 'removed',
    },
  ]
  for (const { name, iptables, ip6tables, ports = '32768 -', expected } of remains)
    test(`count as ${expected} if ${name}`, () => {
      for (const shell of shells) {
        const text = `rehearsed=web; rules_lifetime() { echo 9; }; bridges() { :; }; drain=0
rules_of() { echo "rules_for '*' 80 '10.0.0.2:8080' ${ports}"; }
docker() { case $* in ps*) echo shadow ;; *) echo "docker $1" ;; esac; }; engine_answers() { :; }
rule_script() { :; }; set_rules; remove_relay
[ -e "$state/relay" ] && echo kept || echo removed`
        const { output } = callWith(shell, text, { iptables, ...(ip6tables ? { ip6tables } : {}) })
        assert.match(output, new RegExp(`^${expected}$`, 'm'), shell.join(' '))
      }
    })

  // Two shadows with the same port on two addresses, as the engine chooses ports for each address.
  const engine = `-N DOCKER
-A DOCKER -i br-1 -j RETURN
-A DOCKER -d 127.0.0.1/32 ! -i br-1 -p tcp -m tcp --dport 32768 -j DNAT --to-destination 172.18.0.3:9090
-A DOCKER -d 10.0.0.5/32 ! -i br-1 -p tcp -m tcp --dport 32768 -j DNAT --to-destination 172.18.0.3:80
-A DOCKER -d 10.0.0.50/32 ! -i br-1 -p tcp -m tcp --dport 32768 -j DNAT --to-destination 172.18.0.3:90
-A DOCKER ! -i br-1 -p tcp -m tcp --dport 32770 -j DNAT --to-destination 172.19.0.4:80 --random
-A DOCKER ! -i br-1 -p tcp -m tcp --dport 3277 -j DNAT --to-destination 172.19.0.9:80`
  const targets = [
    { rule: "10.0.0.5 80 '10.9.9.9:80' 32768 -", expected: '172.18.0.3:80' },
    { rule: "10.0.0.50 90 '10.9.9.9:90' 32768 -", expected: '172.18.0.3:90' },
    { rule: "'*' 80 '10.9.9.9:80' 32770 -", expected: '172.19.0.4:80' },
    { rule: "0.0.0.0 80 '10.9.9.9:80' 3277 -", expected: '172.19.0.9:80' },
  ]
  for (const { rule, expected } of targets)
    test(`lead requests from outside to the address that the engine uses: ${rule}`, () => {
      for (const shell of shells) {
        const { output } = callWith(
          shell,
          `rules="rules_for ${rule}"; bridges() { :; }; firewall "$(rule_script 2030-01-01T00:00:00 "$rules")"`,
          { iptables: `case $* in *'-S DOCKER') echo '${engine}' ;; *'-I PREROUTING'*) echo "$*" ;; esac` },
        )
        assert.match(output, new RegExp(`-j DNAT --to-destination ${expected}\n$`), shell.join(' '))
      }
    })

  test('are not set if the engine does not manage the firewall: its own rules let packets through', () => {
    for (const shell of shells) {
      const { output } = callWith(
        shell,
        `rules="rules_for '*' 80 '10.9.9.9:80' 32768 -"; bridges() { echo br-1; }
firewall "$(rule_script 2030-01-01T00:00:00 "$rules")" || echo refused`,
        { iptables: `case $* in *DOCKER) exit 1 ;; *'-I '*) echo "$*" ;; esac` },
      )
      assert.equal(output, 'refused\nthe engine has no firewall rule for port 32768\n', shell.join(' '))
    }
  })

  test('on loopback are set without a rule of the engine, as its proxy accepts them', () => {
    for (const shell of shells) {
      const { output } = callWith(
        shell,
        `rules="rules_for 127.0.0.1 80 '10.9.9.9:80' 32768 -"; bridges() { :; }; firewall "$(rule_script 2030-01-01T00:00:00 "$rules")"`,
        { iptables: `case $* in *DOCKER) exit 1 ;; *'-I '*) echo "$*" ;; esac` },
      )
      assert.match(output, /-I OUTPUT .* -j DNAT --to-destination 127\.0\.0\.1:32768\n$/, shell.join(' '))
    }
  })

  test('are set by a valid shell script, which then removes older rules', () => {
    for (const shell of shells) {
      const { output } = call(
        shell,
        stand({}, {}),
        `bridges() { echo br-1; }; rules="rules_for '*' 80 10.0.0.2:8080 32768 32769"
rule_script 2030-01-01T00:00:00 "$rules" | sh -n && rule_script 2030-01-01T00:00:00 "$rules" | tail -n 5`,
      )
      assert.match(output, /for tool in iptables ip6tables/, shell.join(' '))
      assert.match(output, /grep -v -e '--datestop 2030-01-01T00:00:00 '/)
    }
  })
})
