// Names of branches and git tags that are not valid image tags. They must not fail the run.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTag } from '../../../src/image/reference.ts'
import { causes, event, planned } from './events.ts'

const payload = { repository: { default_branch: 'main' } }
const long = 'feature/'.concat('x'.repeat(132))
const other = `${long.slice(0, -1)}y`
const refRules = 'type=ref,event=branch\ntype=ref,event=tag'

const cases: readonly {
  ref: string
  tags?: string
  flavor?: string
  expected: readonly (string | RegExp)[]
  /** A rule is omitted with a warning. */
  omitted?: true
}[] = [
  { ref: 'heads/功能/登录', expected: ['sha-860c190'], omitted: true },
  { ref: 'heads/功能/login', expected: ['login', 'sha-860c190'] },
  { ref: 'heads/功能/main', expected: ['sha-860c190'], omitted: true },
  { ref: 'heads/@latest', expected: ['sha-860c190'], omitted: true },
  { ref: 'heads/...', expected: ['sha-860c190'], omitted: true },
  { ref: 'heads/_x', expected: ['_x', 'sha-860c190'] },
  { ref: 'tags/@me/app@1.2.3', expected: ['me-app-1.2.3', 'sha-860c190'] },
  { ref: 'tags/版本', expected: ['sha-860c190'], omitted: true },
  { ref: `heads/${long}`, expected: [/^feature-x{111}-[0-9a-f]{8}$/, 'sha-860c190'] },
  { ref: `tags/${long}`, expected: [/^feature-x{111}-[0-9a-f]{8}$/, 'sha-860c190'] },
  {
    ref: `heads/${long}`,
    flavor: 'suffix=-alpine',
    expected: [/^feature-x{104}-[0-9a-f]{8}-alpine$/, 'sha-860c190-alpine'],
  },
  { ref: 'heads/功能', flavor: 'suffix=-alpine', expected: ['sha-860c190-alpine'], omitted: true },
  // Tags that the workflow derives from the name of the branch.
  { ref: 'heads/功能', tags: refRules, expected: ['sha-860c190'], omitted: true },
  { ref: 'tags/@me/app@1.2.3', tags: refRules, expected: ['me-app-1.2.3', 'latest'] },
  { ref: 'heads/功能', tags: 'type=sha,prefix={{branch}}-', expected: ['860c190'] },
  { ref: 'heads/功能', tags: 'type=raw,value={{branch}}\nx', expected: ['x'], omitted: true },
  { ref: 'heads/功能', tags: '功能\nx', expected: ['x'], omitted: true },
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
  { ref: 'tags/功能', tags: 'type=match,pattern=(.*)', expected: ['sha-860c190'], omitted: true },
]

for (const { ref, tags = '', flavor = '', expected, omitted } of cases) {
  test(`a tag of ${ref.slice(0, 40)}: ${tags || 'default rules'} ${flavor}`, async () => {
    const { tagNames, findings } = await planned({ tags, flavor }, event('push', `refs/${ref}`, payload))
    assert.deepEqual(causes(findings), [])
    assert.equal(tagNames.length, expected.length, tagNames.join())
    for (const [index, name] of tagNames.entries()) {
      assert.ok(isTag(name), name)
      const wanted = expected[index] ?? ''
      if (typeof wanted === 'string') assert.equal(name, wanted)
      else assert.match(name, wanted)
    }
    assert.equal(/cannot be converted to a tag/.test(findings.warnings.join()), omitted === true)
  })
}

test('two long names with the same beginning yield two tags', async () => {
  const [one, two] = await Promise.all(
    [long, other].map(name => planned({}, event('push', `refs/heads/${name}`, payload))),
  )
  assert.notEqual(one?.version, two?.version)
})
