/** When the gate lets a release through, in every shell that a server may have; it observes once a second. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { shells } from './shells.ts'
import { call, stand } from './stand.ts'

/** `looks` has a letter a second: starting, healthy (or running, no healthcheck), unhealthy, restarting, exited. */
const rows: readonly { name: string; looks: string; stability: number; expected: string }[] = [
  {
    name: 'a release that runs at once: after the window',
    looks: 'hhhhhhhhhhhhhhh',
    stability: 10,
    expected: 'ok 10',
  },
  {
    name: 'a release that takes 8 s to become healthy: 2 s later',
    looks: 'sssssssshhhhhhh',
    stability: 10,
    expected: 'ok 10',
  },
  {
    name: 'a release that takes longer than the window: as soon as it is healthy',
    looks: 'sssssssssssshhhhh',
    stability: 10,
    expected: 'ok 12',
  },
  {
    name: 'a release that restarts: a window after the last start',
    looks: 'sshhrrsshhhhhhhhhhhhhhh',
    stability: 10,
    expected: 'ok 16',
  },
  {
    name: 'a release that restarts between two observations: a window after that',
    looks: 'hhhhHHHHHHHHHHHH',
    stability: 10,
    expected: 'ok 14',
  },
  {
    name: 'a release that is unhealthy for a while: a window after that',
    looks: 'hhuuhhhhhhhhhhhhhh',
    stability: 10,
    expected: 'ok 14',
  },
  {
    name: 'a release that never becomes healthy: never',
    looks: 'ssssssssssssssssssssssssss',
    stability: 10,
    expected: 'starting web is not healthy yet, after 20 s',
  },
  {
    name: 'a release that is healthy when `wait-timeout` ends: at the end of its window',
    looks: 'rrrrrrrrrrrrrrrhhhhhhhhhhhhh',
    stability: 10,
    expected: 'ok 25',
  },
  { name: 'a release that exits: never', looks: 'sshhhe', stability: 10, expected: 'exited web ended' },
]

const doubles = `
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
  suite(`the gate, in ${shell.join(' ')}, lets through`, () => {
    for (const { name, looks, stability, expected } of rows) {
      test(name, () => {
        const text = `${doubles}looks=${looks} stability=${stability}\ngate new 6>/dev/null && echo "ok $now" || echo "$reason_code $reason"`
        assert.equal(call(shell, stand({}, {}), text).output, `${expected}\n`)
      })
    }
  })
}
