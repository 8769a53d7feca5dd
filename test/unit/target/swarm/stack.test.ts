/**
 * Parts of a stack that the server reads as `docker stack config` prints it: names, constraints and changed configs.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { shells } from '../../deploy/shells.ts'

const place = mkdtempSync(join(tmpdir(), 'stack-'))
after(() => rmSync(place, { recursive: true }))
const folder = new URL('../../../../src/target/swarm/', import.meta.url)
const part = (name: string) => readFileSync(new URL(name, folder), 'utf8')

const stack = `version: "3.13"
services:
  api.v2:
    deploy:
      placement:
        constraints:
        - node.role == manager
        - "node.labels.zone == a b"
        preferences:
        - spread: node.labels.rack
    environment:
      constraints: none
    image: reg.example/app:latest
  "on":
    command:
    - sleep
    image: reg.example/app:latest
  web:
    deploy:
      placement:
        constraints:
          - node.hostname != n1
    image: reg.example/web
    healthcheck:
      test:
      - CMD
secrets:
  key:
    file: ${place}/key
configs:
  same:
    file: ${place}/same
  changed:
    name: shop_by_name
    file: ${place}/changed
  "new":
    file: "${place}/new"
  other:
    external: true
`

function run(shell: readonly string[], script: string): string {
  const file = join(place, 'script')
  writeFileSync(file, script)
  const [program = '', ...options] = shell
  const { stdout, stderr } = spawnSync(program, [...options, file], {
    input: stack,
    encoding: 'utf8',
    cwd: place,
  })
  assert.equal(stderr, '')
  return stdout
}

mkdirSync(join(place, 'swarm'))
writeFileSync(join(place, 'stack.yaml'), stack)
for (const name of ['same', 'changed', 'new', 'key']) writeFileSync(join(place, name), `${name}\n\n`)

for (const shell of shells)
  suite(`a stack is read in ${shell.join(' ')}:`, () => {
    test('its services and their constraints', () => {
      const script = `set -u -f\nrun=${place} state=${place}\n${part('agent/stack.sh')}\nread_stack "$run/stack.yaml"\necho "$stack_version"\ncat "$run/swarm/services" "$run/swarm/constraints"\n`
      assert.deepEqual(run(shell, script).trimEnd().split('\n'), [
        'version: "3.13"',
        'api.v2',
        'on',
        'web',
        'api.v2|node.role == manager',
        'api.v2|node.labels.zone == a b',
        'web|node.hostname != n1',
      ])
    })

    test('its services are pinned under names that stay strings in YAML', () => {
      const script = `set -u -f\nid=x run=${place} state=${place} stack_version=''\n${part('agent/stack.sh')}
printf '%s\\n' on 123 >"$run/swarm/services"
ordered_image() { [ "$1" != 123 ] || echo reg.example/app@sha256:1; }
deployed_spelling() { echo "$2"; }
share() { :; }
write_pins && cat "$pins"
`
      assert.deepEqual(run(shell, script).trimEnd().split('\n'), [
        'services:',
        '  "on":',
        '    deploy: {labels: {slipway.run: "x"}}',
        '  "123":',
        '    image: "reg.example/app@sha256:1"',
        '    deploy: {labels: {slipway.run: "x"}}',
      ])
    })

    test('its configs that exist in the swarm with other content', () => {
      const script = `${part('stack-probe.sh').replace(/^answer .*$/m, '')}
limited() { for name; do :; done; case $name in shop_same) printf 'same\\n\\n.' ;; shop_by_name) printf 'changed\\n.' ;; *) exit 1 ;; esac; }
stack=shop docker_call=docker
changed_configs
`
      assert.equal(run(shell, script), 'shop_by_name\n')
    })
  })
