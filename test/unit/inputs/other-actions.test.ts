import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearest } from '../../../src/core/nearest.ts'
import { inputNames, unknownInputs } from '../../../src/inputs/inputs.ts'
import { explainUnknown } from '../../../src/inputs/other-actions.ts'

const explained: readonly [name: string, expected: RegExp][] = [
  ['username', /`registry-username`.*`ssh-user`/],
  ['password', /`registry-password`.*`ssh-password`/],
  ['host', /`ssh-host`/],
  ['port', /`ssh-port`/],
  ['key', /`ssh-key`/],
  ['passphrase', /`ssh-passphrase`/],
  ['fingerprint', /`ssh-fingerprint`/],
  ['proxy_host', /`ssh-jump/],
  ['script', /`service`.*`host-before`.*`host-after`.*`run-before`.*`run-after`/],
  ['script_path', /`host-before`/],
  ['envs', /`env`.*`build-args`/],
  ['name', /`builder`/],
  ['version', /`buildx-version`/],
  ['use', /no effect/],
  ['install', /no effect/],
  ['cache-image', /no effect/],
  ['reset', /no effect/],
  ['cache-binary', /no effect/],
  ['sep-tags', /no effect/],
  ['bake-target', /bake files/],
  ['logout', /`login: job`/],
  ['ecr', /`registry-password`/],
  ['dockerfile', /`file`/],
  ['platfroms', /Did you mean `platforms`\?/],
  ['build_args', /Did you mean `build-args`\?/],
  ['ssh-hots', /Did you mean `ssh-host`\?/],
  ['cachefrom', /Did you mean `cache-from`\?/],
  ['constructor', /^There is no input `constructor`\.$/],
  ['quite-something-else', /^There is no input `quite-something-else`\.$/],
]

for (const [name, expected] of explained) {
  test(`explainUnknown: ${name}`, () => {
    assert.match(explainUnknown(name, inputNames), expected)
  })
}

test('explainUnknown: explained names are not inputs, and the named equivalents are', () => {
  const known = new Set<string>(inputNames)
  for (const [name] of explained) {
    assert.deepEqual(unknownInputs({ [`INPUT_${name.toUpperCase()}`]: 'x' }), [name])
    const named = [...explainUnknown(name, inputNames).matchAll(/`([a-z-]+)(?:`|: )/g)].map(
      ([, found]) => found,
    )
    for (const found of named.slice(1)) {
      if (found !== undefined && found !== 'docker build')
        assert.ok(known.has(found) || found === 'version', `${name}: ${found}`)
    }
  }
})

const near: readonly [name: string, expected: string | undefined][] = [
  ['tgas', 'tags'],
  ['tag', 'tags'],
  ['TAGS', 'tags'],
  ['labe', 'labels'],
  ['imag', 'image'],
  ['tgs', 'tags'],
  ['labels', 'labels'],
  ['lables', 'labels'],
  ['x', undefined],
  ['', undefined],
  ['something', undefined],
]

for (const [name, expected] of near) {
  test(`nearest: ${JSON.stringify(name)}`, () => {
    assert.equal(nearest(name, ['tags', 'labels', 'image']), expected)
  })
}
