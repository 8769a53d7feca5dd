// Names of branches and git tags that are no tags of images: nobody's run fails because of one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTag } from '../../../src/image/reference.ts'
import { causes, event, planned } from './events.ts'

const payload = { repository: { default_branch: 'main' } }
const long = 'feature/'.concat('x'.repeat(132))
const other = `${long.slice(0, -1)}y`
const own = 'type=ref,event=branch\ntype=ref,event=tag'

const cases: readonly {
  ref: string
  tags?: string
  flavor?: string
  expected: readonly (string | RegExp)[]
  left?: true
}[] = [
  { ref: 'heads/功能/登录', expected: ['sha-860c190'], left: true },
  { ref: 'heads/功能/login', expected: ['login', 'sha-860c190'] },
  { ref: 'heads/功能/main', expected: ['sha-860c190'], left: true },
  { ref: 'heads/@latest', expected: ['sha-860c190'], left: true },
  { ref: 'heads/...', expected: ['sha-860c190'], left: true },
  { ref: 'heads/_x', expected: ['_x', 'sha-860c190'] },
  { ref: 'tags/@me/app@1.2.3', expected: ['me-app-1.2.3', 'sha-860c190'] },
  { ref: 'tags/版本', expected: ['sha-860c190'], left: true },
  { ref: `heads/${long}`, expected: [/^feature-x{111}-[0-9a-f]{8}$/, 'sha-860c190'] },
  { ref: `tags/${long}`, expected: [/^feature-x{111}-[0-9a-f]{8}$/, 'sha-860c190'] },
  {
    ref: `heads/${long}`,
    flavor: 'suffix=-alpine',
    expected: [/^feature-x{104}-[0-9a-f]{8}-alpine$/, 'sha-860c190-alpine'],
  },
  { ref: 'heads/功能', flavor: 'suffix=-alpine', expected: ['sha-860c190-alpine'], left: true },
  // What a workflow names by the branch is the same kind.
  { ref: 'heads/功能', tags: own, expected: ['sha-860c190'], left: true },
  { ref: 'tags/@me/app@1.2.3', tags: own, expected: ['me-app-1.2.3', 'latest'] },
  { ref: 'heads/功能', tags: 'type=sha,prefix={{branch}}-', expected: ['860c190'] },
  { ref: 'heads/功能', tags: 'type=raw,value={{branch}}\nx', expected: ['x'], left: true },
  { ref: 'heads/功能', tags: '功能\nx', expected: ['x'], left: true },
  {
    ref: 'heads/功能',
    tags: 'type=sha',
    flavor: 'prefix={{branch}}-,onlatest=true\nlatest=true',
    expected: ['sha-860c190'],
  },
  {
    ref: `heads/${long}`,
    tags: 'type=raw,value={{branch}}-{{sha}}',
    expected: [/^feature-x{111}-[0-9a-f]{8}$/],
  },
  { ref: 'tags/功能', tags: 'type=match,pattern=(.*)', expected: ['sha-860c190'], left: true },
]

for (const { ref, tags = '', flavor = '', expected, left } of cases) {
  test(`a tag of ${ref.slice(0, 40)}: ${tags || 'none given'} ${flavor}`, async () => {
    const { tagNames, findings } = await planned({ tags, flavor }, event('push', `refs/${ref}`, payload))
    assert.deepEqual(causes(findings), [])
    assert.equal(tagNames.length, expected.length, tagNames.join())
    for (const [place, name] of tagNames.entries()) {
      assert.ok(isTag(name), name)
      const wanted = expected[place] ?? ''
      if (typeof wanted === 'string') assert.equal(name, wanted)
      else assert.match(name, wanted)
    }
    assert.equal(/no tag can be made of/.test(findings.warnings.join()), left === true)
  })
}

test('two long names that begin alike are two tags', async () => {
  const [one, two] = await Promise.all(
    [long, other].map(name => planned({}, event('push', `refs/heads/${name}`, payload))),
  )
  assert.notEqual(one?.version, two?.version)
})
