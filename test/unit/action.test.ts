import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { load } from 'js-yaml'
import { inputNames, isSecret } from '../../src/inputs/inputs.ts'

interface Entry {
  readonly description?: string
  readonly default?: unknown
  readonly required?: unknown
}

const read = (path: string) => load(readFileSync(path, 'utf8'))
const action = read('action.yml') as {
  description: string
  inputs: Record<string, Entry>
  outputs: Record<string, Entry>
  runs: Record<string, string>
}
const inputs = Object.entries(action.inputs)

describe('action.yml', () => {
  it('declares the inputs that the source reads, in its order, and no other', () => {
    assert.deepEqual(Object.keys(action.inputs), inputNames)
  })

  it('describes every input and output, each as a sentence', () => {
    const bare = [...inputs, ...Object.entries(action.outputs)]
      .filter(([, { description = '' }]) => !/^[A-Z`].{10,}\.$/s.test(description))
      .map(([name]) => name)
    assert.deepEqual(bare, [])
  })

  it('gives no secret a default, but the token of the workflow', () => {
    const given = inputs.filter(([name, { default: value }]) =>
      inputNames.some(known => known === name && isSecret(known) && value !== undefined),
    )
    assert.deepEqual(given, [
      ['github-token', { ...action.inputs['github-token'], default: '${{ github.token }}' }],
    ])
  })

  it('gives defaults as text, and none that is empty', () => {
    const wrong = inputs.filter(([, input]) => 'default' in input && typeof input.default !== 'string')
    assert.deepEqual([...wrong, ...inputs.filter(([, input]) => input.default === '')], [])
  })

  it('says the outputs that are promised', () => {
    const promised =
      'image digest imageid tags tag-names version labels annotations json metadata deployed previous rolled-back plan'
    assert.deepEqual(Object.keys(action.outputs), promised.split(' '))
  })

  it('runs the bundle on Node 24, main then post', () => {
    assert.deepEqual(action.runs, { using: 'node24', main: 'dist/main.cjs', post: 'dist/post.cjs' })
  })

  it("has a description that GitHub's Marketplace takes", () => {
    assert.ok(action.description.length < 125, `${action.description.length} characters`)
  })

  it('has an example of every input in the README', () => {
    assert.deepEqual(Object.keys(read('.ci/readme/examples.yml') as object), Object.keys(action.inputs))
  })
})
