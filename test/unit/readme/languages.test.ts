import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Contract } from '../../../.ci/readme/contract.ts'
import { markOf, type Translation, translate } from '../../../.ci/readme/translation.ts'

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
    recipes: { try: { of: markOf('Try'), title: '试' } },
  }

  it('replaces the words, and nothing else', () => {
    assert.deepEqual(translate(contract, [recipe], whole), {
      contract: {
        groups: [{ title: '第一', inputs: [{ name: 'one', description: '说明。', default: 'a' }] }],
        outputs: [{ name: 'out', description: '结果。' }],
      },
      recipes: [{ ...recipe, title: '试' }],
      stale: [],
    })
  })

  it('falls back to English where it is missing, keeps what is old, and reports both with the mark to write', () => {
    const old = { ...whole, inputs: { one: { of: 'deadbeef', text: '旧' } }, outputs: {} }
    const { contract: translated, stale } = translate(contract, [recipe], old)
    assert.equal(translated.groups[0]?.inputs[0]?.description, '旧')
    assert.equal(translated.outputs[0]?.description, 'What came.')
    assert.deepEqual(stale, [
      `inputs, one (of: '${markOf('What it is.')}'): What it is.`,
      `outputs, out (of: '${markOf('What came.')}'): What came.`,
    ])
  })
})
