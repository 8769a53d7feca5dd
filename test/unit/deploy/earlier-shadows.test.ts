import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { suite, test } from 'node:test'
import { shells } from './shells.ts'
import { call, put, stand } from './stand.ts'

// An earlier change that broke may have left shadows that are all that serves. A later run removes its own shadows, and
// leaves these in place with their rules.

/** A server with a shadow of this run, and one that an earlier change has left, if it has. */
const engine = `docker() {
  case $* in
    *'ps -aq'*label=slipway.shadow=*) case $* in *shadow=before*service="$theirs"*) echo earlier ;; esac ;;
    *'ps -aq'*) if [ "$own" ]; then echo own; fi; if [ "$theirs" ]; then echo earlier; fi ;;
    network*) ;;
    port*) echo "0.0.0.0:$((\${#2} + 32700))" ;;
    inspect*) echo 10.0.0.9 ;;
    stop* | rm*) echo "$*" >&6 ;;
  esac
}
firewall() {
  printf '%s\\n' "$1" | grep -e "^rules_for '" -e 'grep -v' >&6
}
engine_answers() { :; }; flush() { :; }; sleep() { :; }; bridges() { :; }; rules_lifetime() { echo 9; }
project=app rehearsed=web relay_ports='web 1 * 80 8080'
`

/** Says which rules a line of the script removes. */
function swept(line: string): string {
  const [, stop] = /grep -v -e '--datestop (\S+) '/.exec(line) ?? []
  if (stop === undefined) return line
  if (stop === 'never') return 'remove all rules'
  return stop === '2000-01-01T00:00:00' ? 'hold the connections' : 'remove the earlier rules'
}

interface Case {
  readonly name: string
  /** The service whose shadow an earlier change has left. */
  readonly left?: string
  /** When the rules of that change expire, in seconds from now. */
  readonly expiry?: number
  /** Whether this run has a shadow. Default: yes. */
  readonly own?: boolean
  readonly call: string
  readonly expected: readonly string[]
  /** Whether rules are in place afterwards. */
  readonly rules: boolean
}

const removed = ['hold the connections', 'stop own', 'rm -f -v own', 'remove all rules']
const redirected = (service: string): string[] => [
  `rules_for '*' 80 '10.0.0.9:8080' ${32_700 + `app-${service}-slipway-shadow-before-1`.length} -`,
  'remove the earlier rules',
  'stop own',
  'rm -f -v own',
]

const cases: readonly Case[] = [
  {
    name: 'a failed release gives the requests back if an earlier change broke without shadows',
    call: 'withdraw_shadows',
    expected: removed,
    rules: false,
  },
  {
    name: 'a failed release gives the requests back to the shadows of the same service',
    left: 'web',
    expiry: 60,
    call: 'withdraw_shadows',
    expected: redirected('web'),
    rules: true,
  },
  {
    name: 'a failed release leaves the shadows of another service in place',
    left: 'api',
    expiry: 60,
    call: 'withdraw_shadows',
    expected: redirected('api'),
    rules: true,
  },
  {
    name: 'a failed release does not revive rules that have expired',
    left: 'web',
    expiry: -60,
    call: 'withdraw_shadows',
    expected: removed,
    rules: false,
  },
  {
    name: 'a failed release does not revive rules of an earlier version, whose expiry is unknown',
    left: 'web',
    call: 'withdraw_shadows',
    expected: removed,
    rules: false,
  },
  {
    name: 'a release that serves removes the shadows that served before',
    left: 'web',
    expiry: 60,
    call: 'remove_relay',
    expected: ['hold the connections', 'stop own earlier', 'rm -f -v own earlier', 'remove all rules'],
    rules: false,
  },
  {
    name: 'a release that serves leaves the shadows of another service in place',
    left: 'api',
    expiry: 60,
    call: 'remove_relay',
    expected: redirected('api'),
    rules: true,
  },
  {
    name: 'a release without a relay leaves the shadows and rules of another service alone',
    left: 'api',
    expiry: 60,
    own: false,
    call: 'remove_relay',
    expected: [],
    rules: true,
  },
  {
    name: 'a change that was undone leaves the shadows of its service in place',
    left: 'web',
    expiry: 60,
    call: 'remove_relay_unless_broken unchanged',
    expected: redirected('web'),
    rules: true,
  },
  {
    name: 'a relay also sets the rules of the shadows of another service',
    left: 'api',
    expiry: 60,
    call: 'set_rules',
    expected: [
      `rules_for '*' 80 '10.0.0.9:8080' ${32_700 + 'app-web-slipway-shadow-one-1'.length} -`,
      ...redirected('api').slice(0, 2),
    ],
    rules: true,
  },
  {
    name: 'a relay takes the requests over from the shadows of the same service',
    left: 'web',
    expiry: 60,
    call: 'set_rules',
    expected: [
      `rules_for '*' 80 '10.0.0.9:8080' ${32_700 + 'app-web-slipway-shadow-one-1'.length} -`,
      'remove the earlier rules',
    ],
    rules: true,
  },
]

suite('the shadows of an earlier change that broke', () => {
  for (const { name, left, expiry, own = true, call: text, expected, rules } of cases) {
    test(name, () => {
      for (const shell of shells) {
        const place = stand({}, {})
        const state = `${place.directory}/.slipway/app`
        const broken = left ?? 'web'
        put(state, {
          relay: '',
          shadows: '',
          'record/run': 'id one\n',
          'record/shadows/services': 'web x y 1 - 10\n',
          'broken/before/run': 'id before\n',
          'broken/before/services': `${broken} x y 1 - 10\n`,
        })
        if (left !== undefined)
          put(state, {
            'broken/before/shadows/services': `${left} x y 1 - 10\n`,
            'broken/before/shadows/ports': `${left} 1 * 80 8080\n`,
          })
        if (expiry !== undefined)
          put(state, {
            'broken/before/shadows/until': `${Math.floor(Date.now() / 1000) + expiry}\n`,
          })
        const { output } = call(
          shell,
          place,
          `own=${own ? 'yes' : ''} theirs=${left ?? ''}\n${engine}drain=0; ${text}`,
        )
        const lines = output.split('\n').filter(Boolean).map(swept)
        assert.deepEqual(lines, expected, shell.join(' '))
        assert.equal(existsSync(`${state}/relay`), rules)
        assert.equal(
          existsSync(`${state}/shadows`),
          (left !== undefined && !expected.includes('stop own earlier')) || text === 'set_rules',
        )
      }
    })
  }
})
