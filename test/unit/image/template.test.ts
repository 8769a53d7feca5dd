import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Call, isOnly, outside, render, TemplateError } from '../../../src/image/template.ts'

const expressions = {
  name: () => `a&b <c> "d" 'e' \`f\`=`,
  plain: () => 'x/y',
  call: ({ args, options }: Call) => JSON.stringify({ args, options }),
}

const rendered: readonly [template: string, expected: string][] = [
  ['nothing', 'nothing'],
  ['{{plain}}', 'x/y'],
  ['a {{ plain }} b {{plain}}', 'a x/y b x/y'],
  ['{{name}}', 'a&amp;b &lt;c&gt; &quot;d&quot; &#x27;e&#x27; &#x60;f&#x60;&#x3D;'],
  ['{{{name}}}', `a&b <c> "d" 'e' \`f\`=`],
  ['{{& name}}', `a&b <c> "d" 'e' \`f\`=`],
  ['{{{call \'a b\' "c" key=\'d=e\' other=""}}}', '{"args":["a b","c"],"options":{"key":"d=e","other":""}}'],
  [`{{{call 'it\\'s'}}}`, '{"args":["it\'s"],"options":{}}'],
  ['{{{call}}}', '{"args":[],"options":{}}'],
  ['{{! a comment }}x', 'x'],
  ['\\{{plain}} {{plain}}', '{{plain}} x/y'],
  ['a}}b{c', 'a}}b{c'],
]

for (const [template, expected] of rendered) {
  test(`render: ${template}`, () => {
    assert.deepEqual(render(template, expressions), { text: expected, unknown: [] })
  })
}

test('render: an unknown name renders as empty text and is reported', () => {
  assert.deepEqual(render('a{{other}}b{{plain}}', expressions), { text: 'abx/y', unknown: ['other'] })
})

const rejected = [
  '{{',
  '{{plain',
  '{{}}',
  '{{a.b}}',
  '{{#if plain}}',
  '{{/if}}',
  '{{> plain}}',
  '{{~plain~}}',
  '{{other 1}}',
  "{{call 'a}}",
  '{{call 5}}',
  '{{{plain}}',
]

for (const template of rejected) {
  test(`render rejects ${template}`, () => {
    assert.throws(() => render(template, expressions), TemplateError)
  })
}

test('isOnly: only the expression', () => {
  const templates = [
    '{{raw}}',
    '{{ raw }}',
    '{{{raw}}}',
    '{{&raw}}',
    'v{{raw}}',
    '{{raw}}{{raw}}',
    '{{rawer}}',
    'raw',
  ]
  assert.deepEqual(
    templates.map(template => isOnly('raw', template)),
    [true, true, true, true, false, false, false, false],
  )
})

test('outside: the text outside braces', () => {
  assert.equal(outside("a{{date 'YYYY/MM' tz='UTC'}}=b{{{c:d}}}/e"), 'a=b/e')
})
