import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDigest } from '../../../src/image/digest.ts'
import {
  familiar,
  formatReference,
  isTag,
  parseReference,
  type Reference,
  registryOf,
  repositoryName,
  sameRepository,
} from '../../../src/image/reference.ts'

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`

// The normalized forms are those that github.com/distribution/reference expects in its tests.
const valid: readonly [text: string, full: string, short: string][] = [
  ['nginx', 'docker.io/library/nginx', 'nginx'],
  ['nginx:1.27', 'docker.io/library/nginx:1.27', 'nginx:1.27'],
  ['docker.io/nginx', 'docker.io/library/nginx', 'nginx'],
  ['index.docker.io/library/nginx', 'docker.io/library/nginx', 'nginx'],
  ['user/app', 'docker.io/user/app', 'user/app'],
  ['docker.io/user/app:Tag_1', 'docker.io/user/app:Tag_1', 'user/app:Tag_1'],
  ['library/foo/bar', 'docker.io/library/foo/bar', 'library/foo/bar'],
  ['ghcr.io/owner/app', 'ghcr.io/owner/app', 'ghcr.io/owner/app'],
  ['ghcr.io/app', 'ghcr.io/app', 'ghcr.io/app'],
  ['localhost/app', 'localhost/app', 'localhost/app'],
  ['localhost:5000/app:x', 'localhost:5000/app:x', 'localhost:5000/app:x'],
  ['registry:5000/a/b/c', 'registry:5000/a/b/c', 'registry:5000/a/b/c'],
  ['127.0.0.1:5000/app', '127.0.0.1:5000/app', '127.0.0.1:5000/app'],
  ['[2001:db8::1]:5000/app:1', '[2001:db8::1]:5000/app:1', '[2001:db8::1]:5000/app:1'],
  ['[2001:db8::1]/app', '[2001:db8::1]/app', '[2001:db8::1]/app'],
  ['Upper/app', 'Upper/app', 'Upper/app'],
  ['registry-1.docker.io/user/app', 'registry-1.docker.io/user/app', 'registry-1.docker.io/user/app'],
  ['xn--7o8h.com/app', 'xn--7o8h.com/app', 'xn--7o8h.com/app'],
  ['a__b/c--d.e_f', 'docker.io/a__b/c--d.e_f', 'a__b/c--d.e_f'],
  [`app@${digest}`, `docker.io/library/app@${digest}`, `app@${digest}`],
  [`ghcr.io/o/app:v1@${digest}`, `ghcr.io/o/app:v1@${digest}`, `ghcr.io/o/app:v1@${digest}`],
  [`app:${'a'.repeat(128)}`, `docker.io/library/app:${'a'.repeat(128)}`, `app:${'a'.repeat(128)}`],
]

for (const [text, full, short] of valid) {
  test(`parseReference: ${text}`, () => {
    const reference = parse(text)
    assert.equal(formatReference(reference), full)
    assert.equal(familiar(reference), short)
    assert.deepEqual(parse(full), reference)
  })
}

const invalid: readonly [text: string, reason: RegExp][] = [
  ['', /has no name/],
  [':tag', /has no name/],
  ['a'.repeat(64), /image ID/],
  ['user/App', /lower case/],
  ['ghcr.io/Owner/app', /lower case/],
  ['https://ghcr.io/owner/app', /URL/],
  ['user/app:', /`` is not a valid tag/],
  ['user/app:-x', /`-x` is not a valid tag/],
  ['user/app:a/b', /not a valid (?:host|repository) name/],
  [`app:${'a'.repeat(129)}`, /is not a valid tag/],
  ['user//app', /not a valid repository name/],
  ['user/app/', /not a valid repository name/],
  ['/app', /not a valid repository name/],
  ['a___b', /not a valid repository name/],
  ['-foo/bar', /not a valid repository name/],
  ['foo./bar', /not a valid host name/],
  ['-registry.io/bar', /not a valid host name/],
  ['my app', /not a valid repository name/],
  ['héllo/app', /not a valid repository name/],
  ['app@sha256:abc', /not a digest/],
  [`app@sha256:${'A'.repeat(64)}`, /not a digest/],
  [`app@md5:${'a'.repeat(32)}`, /not a digest/],
  [`app@${digest}@${digest}`, /not a digest/],
  [`ghcr.io/${'a'.repeat(248)}`, /longer than 255/],
]

for (const [text, reason] of invalid) {
  test(`parseReference rejects ${text.slice(0, 40)}`, () => {
    const parsed = parseReference(text)
    assert.ok('reason' in parsed, JSON.stringify(parsed))
    assert.match(parsed.reason, reason)
    assert.notEqual(parsed.remedy, '')
  })
}

test('parseReference: a name may have 255 characters', () => {
  assert.equal(repositoryName(parse(`ghcr.io/${'a'.repeat(247)}`)).length, 255)
})

const same: readonly [one: string, other: string, expected: boolean][] = [
  ['nginx', 'docker.io/library/nginx:1', true],
  ['registry-1.docker.io/user/app', 'user/app', true],
  ['user/app', 'ghcr.io/user/app', false],
  [`ghcr.io/o/app@${digest}`, 'ghcr.io/o/app:v1', true],
  ['ghcr.io/o/app', 'ghcr.io/o/apps', false],
]

for (const [one, other, expected] of same) {
  test(`sameRepository: ${one} and ${other}`, () => {
    assert.equal(sameRepository(parse(one), parse(other)), expected)
  })
}

test('registryOf: Docker Hub has one name', () => {
  const registries = [
    'nginx',
    'index.docker.io/a/b',
    'registry-1.docker.io/a/b',
    'ghcr.io/a/b',
    'localhost:5000/a',
  ]
  assert.deepEqual(
    registries.map(text => registryOf(parse(text))),
    ['docker.io', 'docker.io', 'docker.io', 'ghcr.io', 'localhost:5000'],
  )
})

test('isTag and isDigest', () => {
  assert.deepEqual(['v1', '_', 'A.b-c', '', '.a', '-a', 'a b', 'a'.repeat(129)].map(isTag), [
    true,
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ])
  assert.deepEqual([digest, `sha512:${'a'.repeat(128)}`, 'sha256:', digest.slice(0, -1)].map(isDigest), [
    true,
    false,
    false,
    false,
  ])
})

function parse(text: string): Reference {
  const parsed = parseReference(text)
  assert.ok(!('reason' in parsed), JSON.stringify(parsed))
  return parsed
}
