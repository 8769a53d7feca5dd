import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Contract } from '../../../.ci/readme/contract.ts'
import { hashOf, type Translation, translate } from '../../../.ci/readme/translation.ts'

describe('a translation', () => {
  const contract: Contract = {
    groups: [{ title: 'First', inputs: [{ name: 'one', description: 'What it is.', default: 'a' }] }],
    outputs: [{ name: 'out', description: 'What came.' }],
  }
  const recipe = { name: 'try', title: 'Try', description: 'It.', text: '' }
  const whole: Translation = {
    groups: { First: '第一' },
    inputs: { one: { of: hashOf('What it is.'), text: '说明。' } },
    outputs: { out: { of: hashOf('What came.'), text: '结果。' } },
    recipes: { try: { of: hashOf('Try'), title: '试' } },
  }

  it('replaces only the texts', () => {
    assert.deepEqual(translate(contract, [recipe], whole), {
      contract: {
        groups: [{ title: '第一', inputs: [{ name: 'one', description: '说明。', default: 'a' }] }],
        outputs: [{ name: 'out', description: '结果。' }],
      },
      recipes: [{ ...recipe, title: '试' }],
      stale: [],
    })
  })

  it('falls back to English if it is missing, is kept if it is outdated, and both are reported with the new hash', () => {
    const old = { ...whole, inputs: { one: { of: 'deadbeef', text: '旧' } }, outputs: {} }
    const { contract: translated, stale } = translate(contract, [recipe], old)
    assert.equal(translated.groups[0]?.inputs[0]?.description, '旧')
    assert.equal(translated.outputs[0]?.description, 'What came.')
    assert.deepEqual(stale, [
      `inputs, one (of: '${hashOf('What it is.')}'): What it is.`,
      `outputs, out (of: '${hashOf('What came.')}'): What came.`,
    ])
  })
})
