/** When the gate lets a release through, by the shells that servers have: its looks are given, a second apart. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { shells } from './shells.ts'
import { call, stand } from './stand.ts'

/** A letter for each second: starting, healthy (or running, without a healthcheck), unhealthy, restarting, exited. */
const rows: readonly { name: string; looks: string; stability: number; expected: string }[] = [
  { name: 'what runs at once, after the window', looks: 'hhhhhhhhhhhhhhh', stability: 10, expected: 'ok 10' },
  {
    name: 'what takes 8 s to become healthy, after 2 s more',
    looks: 'sssssssshhhhhhh',
    stability: 10,
    expected: 'ok 10',
  },
  {
    name: 'what takes longer than the window, once it is healthy',
    looks: 'sssssssssssshhhhh',
    stability: 10,
    expected: 'ok 12',
  },
  {
    name: 'what restarts, a window after the last start',
    looks: 'sshhrrsshhhhhhhhhhhhhhh',
    stability: 10,
    expected: 'ok 16',
  },
  {
    name: 'what starts anew between two looks, a window after that',
    looks: 'hhhhHHHHHHHHHHHH',
    stability: 10,
    expected: 'ok 14',
  },
  {
    name: 'what has an unhealthy spell, a window after it',
    looks: 'hhuuhhhhhhhhhhhhhh',
    stability: 10,
    expected: 'ok 14',
  },
  {
    name: 'what never becomes healthy, not at all',
    looks: 'ssssssssssssssssssssssssss',
    stability: 10,
    expected: 'starting web is not healthy yet, after 20 s',
  },
  {
    name: 'what is healthy when `wait-timeout` ends, at the end of its window',
    looks: 'rrrrrrrrrrrrrrrhhhhhhhhhhhhh',
    stability: 10,
    expected: 'ok 25',
  },
  { name: 'what exits, not at all', looks: 'sshhhe', stability: 10, expected: 'exited web ended' },
]

const world = `
stage=up changed=yes wait_timeout=20 now=0
clock() { echo "$((now * 1000))"; }
nap() { now=$((now + 1)); }
sleep() { nap; }
was_away() { return 1; }
show_containers() { :; }
last_check() { :; }
observe() {
  local rest="$looks" at=0 letter
  while [ "$at" -lt "$now" ]; do rest=\${rest#?} at=$((at + 1)); done
  letter=\${rest%"\${rest#?}"}
  look=steady why='' why_code='' restarts=0 key=1
  case $letter in
    s) warms starting 'web is not healthy yet' ;;
    u) waits unhealthy 'web is not healthy' ;;
    r) waits crash-loop 'web does not stay up' ;;
    e) fails exited 'web ended' ;;
    H) key=2 ;;
  esac
}
`

for (const shell of shells) {
  suite(`the gate, by ${shell.join(' ')}, lets through`, () => {
    for (const { name, looks, stability, expected } of rows) {
      test(name, () => {
        const text = `${world}looks=${looks} stability=${stability}\ngate new 6>/dev/null && echo "ok $now" || echo "$reason_code $reason"`
        assert.equal(call(shell, stand({}, {}), text).output, `${expected}\n`)
      })
    }
  })
}
