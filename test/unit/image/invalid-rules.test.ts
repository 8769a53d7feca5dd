import assert from 'node:assert/strict'
import { test } from 'node:test'
import { causes, type EventName, events, planned } from './events.ts'

const rejected: readonly [tags: string, expected: RegExp, event?: EventName][] = [
  ['type=smever,pattern={{version}}', /the rule `type=smever,pattern=\{\{version\}\}` has the type `smever`/],
  ['type=semver', /`type=semver` has no `pattern`/],
  ['type=pep440,value=1', /has no `pattern`/],
  ['type=match', /has no `pattern`/],
  ['type=match,pattern=(', /has an invalid regular expression/],
  ['type=match,pattern=v,group=one', /has a `group` that is not a number/],
  ['type=ref', /has no `event`/],
  ['type=ref,event=push', /has the event `push`/],
  ['type=raw', /has no `value`/],
  ['type=sha,format=short7', /has the format `short7`/],
  ['type=sha,priority=first', /has a `priority` that is not a number/],
  ['type=raw,value=x,enable=', /has `enable=`, which is neither true nor false/],
  ['type=raw,value=x,enable=yes', /has `enable=yes`/],
  ['type=raw,value={{branch', /has `\{\{branch`, which is never closed/],
  ['type=raw,value={{#if branch}}x{{/if}}', /has `\{\{#if branch\}\}`, which is not valid/],
  ['type=raw,value={{now "x"}}', /uses `now`, which is unknown/],
  ['type=raw,value={{date}}', /without a format/],
  ['type=raw,value={{date YYYY}}', /in which YYYY is not in quotes/],
  ["type=raw,value={{date 'YYYY' zone='UTC'}}", /with `zone=`, but the only option is `tz=`/],
  ["type=raw,value={{date 'YYYY' tz='Mars/Olympus'}}", /time zone `Mars\/Olympus`, which does not exist/],
  ["type=raw,value={{date 'YYYY z' tz='Asia/Tokyo'}}", /`z`, which Slipway supports only in UTC/],
  [
    'type=sha,prefix={{branch}}-',
    /yields `-860c190` for this pull_request \(`refs\/pull\/7\/merge`\)/,
    'pull request',
  ],
  [`type=raw,value=${'a'.repeat(129)}`, /which is not a valid tag/],
  ['"type=raw,value=x', /a cell whose quote is never closed/],
]

for (const [tags, expected, name = 'branch'] of rejected) {
  test(`tags rejects ${tags.slice(0, 60)}`, async () => {
    const { findings } = await planned({ tags }, events[name])
    assert.equal(findings.problems.length, 1, causes(findings).join('\n'))
    assert.match(causes(findings).join(), expected)
    assert.equal(findings.problems[0]?.input, 'tags')
    assert.ok(findings.problems[0]?.remedy)
  })
}

const warned: readonly [tags: string, expected: RegExp, event: EventName][] = [
  ['type=semver,pattern={{version}}', /`nightwatch` is not a semantic version/, 'other tag'],
  ['type=pep440,pattern={{version}}', /`nightwatch` is not a PEP 440 version/, 'other tag'],
  ['type=semver,pattern={{version}},match=x(.*)\nfoo', /does not match `match` of the rule/, 'version tag'],
  ['type=match,pattern=x(.*)\nfoo', /`v1.2.3` does not match the rule/, 'version tag'],
  ['type=match,pattern=v,group=2\nfoo', /has no group 2 in/, 'version tag'],
  [
    'type=raw,value=a{{brunch}}',
    /`\{\{brunch\}\}` in `a\{\{brunch\}\}` is unknown and stays empty/,
    'branch',
  ],
  [
    'type=sha,perfix=x',
    /`perfix` has no effect in the rule `type=sha,perfix=x`\. Did you mean `prefix`\?/,
    'branch',
  ],
  ['type=sha,value=x', /`value` has no effect/, 'branch'],
  ['type=ref,event=tag', /no rule yields a tag for this run/, 'branch'],
]

for (const [tags, expected, name] of warned) {
  test(`tags warns of ${tags.slice(0, 60)}: ${name}`, async () => {
    const { findings } = await planned({ tags }, events[name])
    assert.deepEqual(findings.problems, [])
    assert.match(findings.warnings.join('\n'), expected)
  })
}

test('tags: all problems are reported together, each one once', async () => {
  const { findings } = await planned({
    tags: 'type=ref\ntype=raw,value={{#x}}\ntype=sha,suffix={{#x}}',
    flavor: 'latest=maybe',
    labels: 'a={{date}}',
    image: 'user/app:x:y',
  })
  assert.deepEqual(
    findings.problems.map(({ input }) => input),
    ['flavor', 'tags', 'image', 'tags', 'labels'],
  )
})
