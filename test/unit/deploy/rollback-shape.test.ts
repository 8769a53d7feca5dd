import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { shells } from './shells.ts'
import { call, stand } from './stand.ts'

// Preflight chooses the strategies with the compose files in place. `rollback-to` restores others: where these differ
// in what the choice depends on, the service is recreated.

const config = (web: string, more = ''): string => `name: app
services:
  api:
    image: api:1
  web:
    container_name: own
    environment:
      PAGE: |-
        one

          ports: none
    image: web:1
    ports:
      - mode: ingress
        target: 3000
        published: "8080"
        protocol: tcp
${web}${more}networks:
  default:
    name: app_default
volumes:
  web:
    name: app_web
`

const bind = (directory: string): string => `    volumes:
      - type: bind
        source: ${directory}/data
        target: /data
`

const current = config(bind('$directory'))
const restored = config(bind('$run/shadow$directory'))

const cases: readonly {
  readonly name: string
  readonly current?: string
  readonly restored?: string
  readonly expected: string
}[] = [
  { name: 'keeps the strategy if nothing differs', expected: '' },
  {
    name: 'keeps the strategy if only the image and the environment differ',
    restored: restored.replace('web:1', 'web:0').replace('one', 'zero'),
    expected: '',
  },
  { name: 'recreates with other ports', restored: restored.replace('3000', '80'), expected: 'web' },
  { name: 'recreates with other volumes', current: config(''), expected: 'web' },
  {
    name: 'recreates without the name of the container',
    restored: restored.replace(/.*container_name.*\n/, ''),
    expected: 'web',
  },
  {
    name: 'recreates with a fixed address',
    restored: config(
      `    networks:\n      default:\n        ipv4_address: 10.9.0.3\n${bind('$run/shadow$directory')}`,
    ),
    expected: 'web',
  },
  {
    name: 'recreates all services if one uses the network of another',
    restored: restored.replace('api:1\n', 'api:1\n    network_mode: service:web\n'),
    expected: 'api web',
  },
  {
    name: 'recreates a service that Compose does not show',
    current: current.replace('  web:\n    container', '  other:\n    container'),
    restored: restored.replace('  web:\n    container', '  other:\n    container'),
    expected: 'web',
  },
  { name: 'recreates all services if Compose shows nothing', restored: '', expected: 'api web' },
]

suite('with `rollback-to`, the server', () => {
  for (const each of cases)
    test(each.name, () => {
      for (const shell of shells) {
        const { output } = call(
          shell,
          stand({}, {}),
          `here=$directory; within() { if [ "$PWD" = "$shadow" ]; then cat <<END
${each.restored ?? restored}
END
else cat <<END
${each.current ?? current}
END
fi; }
rollback_to=previous relay_ports='web 1 * 8080 3000' shadow=$run/shadow$directory; mkdir -p "$shadow"; cd "$directory"
services="api api:1 - 1 - 10\${newline}web web:1 - 1 - 10\${newline}"; declare_again
printf 'again: %s\\n' "$(listed "$reshaped")"`,
        )
        assert.match(output, new RegExp(`^again: ${each.expected} *$`, 'm'), `${shell.join(' ')}: ${output}`)
      }
    })
})

suite('a service that the server recreates instead', () => {
  for (const { name, state, why } of [
    { name: 'is not running', state: 'ran=0 count=1', why: 'it is not running yet' },
    {
      name: 'is restored in another shape',
      state: 'ran=1 count=1 reshaped=web$newline',
      why: 'the restored compose files have other ports, volumes or networks',
    },
  ])
    test(`${name}: the log and the verdict say why`, () => {
      for (const shell of shells)
        for (const choose of ['choose_to_rehearse', 'choose_to_start_first']) {
          const { output } = call(
            shell,
            stand({}, {}),
            `relay_ports='web 1 * 8080 3000' start_first=web$newline name=web ${state}; remove_dead() { :; }
rehearsed=''; started_first=''; list_releases() { :; }
${choose}; printf '%s' "$rehearsed$started_first"; write_verdict unchanged "$run"; grep '^recreated' "$run/verdict"`,
          )
          assert.equal(output, `  web: recreated, because ${why}\nrecreated web ${why}\n`, shell.join(' '))
        }
    })
})
