import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { shells } from './shells.ts'
import { call, put, stand } from './stand.ts'

// The part of start-first that can be tested without a server; the rest is in test/zero.

const sockets = `  sl  local_address rem_address   st
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000
   1: 0100007F:1F91 00000000:0000 0A 00000000:00000000
   2: 0B00007F:A3C1 00000000:0000 0A 00000000:00000000
   3: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A
   4: 0000000000000000FFFF00000100007F:1F94 0000000000000000FFFF000000000000:0000 0A
   5: 00000000:1F93 00000000:0000 01 00000000:00000000`

/** Returns a script that prints the firewall rules for a container with these sockets, as `FROM PORT`. */
const rulesOf = (from: string, numbers: string): string =>
  `refuse_script ${from} '${numbers}' >"$run/refusal"
cat() { case $1 in /proc/net/tcp) printf '%s\\n' "$table" ;; esac; }
iptables() { shift 3; [ "$1" = INPUT ] && shift; case $1 in '!') echo "others $8" ;; *) echo "self $7" ;; esac; }
ip6tables() { return 1; }
table='${sockets}'
. "$run/refusal"`

/** Code that prints the waits, and the containers that accept requests again. */
const returning = `mkdir "$record/beside"; in_network_of() { echo "accept $1" >&6; }
past() { [ -s "$run/naps" ]; }; health_limit() { echo 9; }; nap() { echo nap >&6; echo x >>"$run/naps"; }`

const table = [
  {
    name: 'rejects others on every port that they can reach',
    text: rulesOf('others', '80'),
    expected: 'others 80\nothers 8080',
  },
  {
    name: 'rejects a healthcheck on the port that it names',
    text: rulesOf('lo', ' 2  8080 '),
    expected: 'self 8080',
  },
  {
    name: 'rejects a healthcheck without a port on every port',
    text: rulesOf('lo', ' 2 '),
    expected: 'self 80\nself 8080',
  },
  {
    name: 'waits as long as a healthcheck takes to fail',
    text: 'ask() { echo 5000000000 2000000000 4; }; health_limit one',
    expected: '51',
  },
  {
    name: 'uses the defaults of the engine',
    text: 'ask() { echo 0 0 0; }; health_limit one',
    expected: '201',
  },
  {
    name: 'uses its own limit if the engine gives no valid number',
    text: 'ask() { echo 300000000 300000000 x; }; health_limit one',
    expected: '120',
  },
  {
    name: 'waits until Docker reports a container as unhealthy that a command has withdrawn',
    text: `withdraw=command withdraw_words="$(printf 'leave\\037at once')" proxies_drop=0
within() { shift; printf '%s|' "$@"; }; health_limit() { echo 9; }; nap() { echo nap >&6; echo x >>"$run/naps"; }
ask() { case $* in *Running*) echo true ;; *) if [ -s "$run/naps" ]; then echo unhealthy; else echo healthy; fi ;; esac; }
withdraw_containers one && cat "$run/error"`,
    expected: 'nap\ndocker|exec|one|leave|at once|',
  },
  {
    name: 'does not wait for a container that the command has stopped, or that was never healthy',
    text: `withdraw=command withdraw_words="$(printf 'leave\\037at once')" proxies_drop=0
within() { :; }; health_limit() { echo 9; }; nap() { echo nap >&6; }
ask() { case $* in *Running*one) echo false ;; *one) echo healthy ;; *) echo starting ;; esac; }
withdraw_containers one two && echo gone`,
    expected: 'gone',
  },
  {
    name: 'does not wait for the health of old containers that were never withdrawn',
    text: `${returning}
ask() { case $* in *Health*) echo none ;; esac; }
return_to_proxy one two && echo back`,
    expected: 'accept one\naccept two\nback',
  },
  {
    name: 'waits only for the health of old containers that were healthy before they were withdrawn',
    text: `${returning}
ask() { case $* in
  *Health*two) if [ -s "$run/naps" ]; then echo healthy; else echo unhealthy; fi ;;
  *Health*) echo none ;;
esac; }
printf 'two\\n' >"$record/beside/withdrawn"
return_to_proxy one two && echo back`,
    expected: 'accept one\naccept two\nnap\nback',
  },
  {
    name: 'notes which old containers are healthy before it withdraws them',
    text: `mkdir "$record/beside"; flush() { :; }; step() { :; }; withdraw_containers() { cat "$record/beside/withdrawn"; }
old_containers() { echo one; echo two; }; ask() { case $* in *one) echo healthy ;; *) echo none ;; esac; }
started_first=web; withdraw_old`,
    expected: 'one',
  },
  {
    name: 'waits only for containers that were healthy after it has rejected their healthchecks',
    text: `${returning}
in_network_of() { echo "rules $1" >&6; echo x >>"$run/naps"; }; refuse_script() { :; }; proxies_drop=0
ask() { case $* in
  *Running*) echo true ;;
  *.State.Health*one) if [ -s "$run/naps" ]; then echo unhealthy; else echo healthy; fi ;;
  *.State.Health*) echo none ;;
esac; }
withdraw_containers one two && echo gone`,
    expected: 'rules one\nrules one\nrules two\ngone',
  },
  {
    name: 'reloads the proxy again once the files are restored, in an undo and in a rollback',
    text: `mkdir "$record/beside"; : >"$record/beside/services"; : >"$record/placed"
proxy_reload=reload; reload_proxy() { echo reload >&6; }; undo=restore_files
restore_files() { echo files >&6; }; note_failure() { :; }; free_reserve() { :; }
undo_steps
step() { :; }; engine_answers() { :; }; remove_new_containers() { :; }; note_touched() { :; }
restore_variables() { :; }; restore_older() { :; }; restore_services() { :; }; ran_before() { :; }
gate() { :; }; verify_old() { :; }
restore_release; echo "$outcome"`,
    expected: 'files\nreload\nfiles\nfiles\nreload\nrolled-back',
  },
  {
    name: 'does not reload the proxy if no files were uploaded, or the new release never started beside the old one',
    text: `proxy_reload=reload; reload_proxy() { echo reloaded; }
mkdir "$record/beside"; : >"$record/beside/services"; reload_restored_proxy
rm -r "$record/beside"; : >"$record/placed"; reload_restored_proxy; echo quiet`,
    expected: 'quiet',
  },
  {
    name: 'gives each name of an old container to one new container',
    text: `started_first=web; snapshot() { printf '%s\\n' 'web c app-web-3 running' 'web d app-web-2 running' >"$run/snapshot"; }
ask() { echo "$*"; }
printf '%s\\n' 'web a app-web-1 running' 'web b 0123456789ab_app-web-2 running' >"$record/containers"; rename_new_containers`,
    expected: '',
    asked: 'rename c app-web-1',
  },
]

suite('start-first', () => {
  for (const { name, text, expected, asked } of table) {
    test(name, () => {
      for (const shell of shells) {
        const given = asked === undefined ? text : text.replace('ask() { echo "$*"; }', 'ask() { say "$*"; }')
        const { output } = call(shell, stand({}, {}), given)
        assert.equal(output.replace(/\n$/, ''), asked ?? expected, shell.join(' '))
      }
    })
  }

  test('saves and restores the words of the commands without a change', () => {
    for (const shell of shells) {
      const place = stand({}, {})
      put(place.directory, {
        '.slipway/app/record/beside/services': 'web x y 1 - 10\n',
        '.slipway/app/record/beside/settings':
          'withdraw command\nwithdraw-words printf\x1f\\n\nproxy-reload printf "a\\tb"\n',
      })
      const { output } = call(
        shell,
        place,
        'load_start_first; printf "%s|" "$started_first" "$withdraw" "$withdraw_words" "$proxy_reload"',
      )
      assert.equal(output, 'web|command|printf\x1f\\n|printf "a\\tb"|', shell.join(' '))
    }
  })
})
