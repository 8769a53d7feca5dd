import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Contract } from '../../../.ci/readme/contract.ts'
import { firstDifference } from '../../../.ci/readme/skeleton.ts'
import { markOf, type Translation, translate } from '../../../.ci/readme/translation.ts'

const english = `# Title

Two lines with \`code\` and
a [link](.github/a.md). See [中文](.github/README.zh-CN.md).

## Section

- **One.** A list that
  goes on with \`more\`.
- Two.

\`\`\`sh
run this # as it is
\`\`\`

\`\`\`mermaid
flowchart LR
  a([start]) -- "on" --> b{Well?}
\`\`\`

| A | B |
| --- | --- |
| \`x\` | words |
`

const chinese = `# 标题

一行，[链接](a.md)在前，\`code\` 在后。见 [English](../README.md)。

## 小节

- **一。** 一个列表，有 \`more\`。
- 二。

\`\`\`sh
# 照样执行
run this
\`\`\`

\`\`\`mermaid
flowchart LR
  a([开始]) -- "继续" --> b{好吗？}
\`\`\`

| 甲 | 乙 |
| --- | --- |
| \`x\` | 词 |
`

const difference = (text: string): string | undefined =>
  firstDifference({ path: 'README.md', text: english }, { path: '.github/README.zh-CN.md', text })

const changes: readonly { name: string; from: string; to: string }[] = [
  { name: 'a section that is missing', from: '## 小节\n', to: '' },
  { name: 'a heading of another level', from: '## 小节', to: '### 小节' },
  { name: 'another line of code', from: 'run this', to: 'run that' },
  { name: 'another arrow of a diagram', from: '--> b', to: '--> c' },
  { name: 'a code span that is missing', from: '`code` 在后', to: '在后' },
  { name: 'another link', from: '(a.md)', to: '(b.md)' },
  { name: 'an entry of a list that is missing', from: '- 二。\n', to: '' },
  { name: 'a row that is missing', from: '| `x` | 词 |\n', to: '' },
  { name: 'a cell that is missing', from: '| `x` | 词 |', to: '| `x` |' },
  { name: 'a section that is too many', from: '# 标题', to: '# 标题\n\n## 更多' },
]

describe('two languages of a README', () => {
  it('are in step where only their words differ', () => assert.equal(difference(chinese), undefined))

  for (const { name, from, to } of changes) {
    it(`are out of step by ${name}`, () => {
      assert.ok(chinese.includes(from))
      assert.match(
        difference(chinese.replace(from, to)) ?? '',
        /README\.md:\S+ and \.github\/README\.zh-CN\.md:/,
      )
    })
  }
})

describe('a translation', () => {
  const contract: Contract = {
    groups: [{ title: 'First', inputs: [{ name: 'one', description: 'What it is.', default: 'a' }] }],
    outputs: [{ name: 'out', description: 'What came.' }],
  }
  const recipe = { name: 'try', title: 'Try', description: 'It.', text: '' }
  const whole: Translation = {
    groups: { First: '第一' },
    inputs: { one: { of: markOf('What it is.'), text: '说明。' } },
    outputs: { out: { of: markOf('What came.'), text: '结果。' } },
    recipes: { try: { of: markOf('Try It.'), title: '试', text: '它。' } },
  }

  it('takes the place of the words, and of nothing else', () => {
    assert.deepEqual(translate(contract, [recipe], whole), {
      contract: {
        groups: [{ title: '第一', inputs: [{ name: 'one', description: '说明。', default: 'a' }] }],
        outputs: [{ name: 'out', description: '结果。' }],
      },
      recipes: [{ ...recipe, title: '试', description: '它。' }],
      stale: [],
    })
  })

  it('stays English where that has changed or has none, and lists all of it with the mark to write', () => {
    const old = { ...whole, inputs: { one: { of: 'deadbeef', text: '旧' } }, outputs: {} }
    assert.deepEqual(translate(contract, [recipe], { ...old, recipes: {} }), {
      contract: { ...contract, groups: [{ ...contract.groups[0], title: '第一' }] },
      recipes: [recipe],
      stale: [
        `inputs, one (of: '${markOf('What it is.')}'): What it is.`,
        `outputs, out (of: '${markOf('What came.')}'): What came.`,
        `recipes, try (of: '${markOf('Try It.')}'): Try It.`,
      ],
    })
  })
})
