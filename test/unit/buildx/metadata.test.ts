import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMetadata } from '../../../src/buildx/metadata.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** As buildx 0.29 writes it, cut to what is read. */
const [index, image, config] = ['1', '2', '3'].map(digit => `sha256:${digit.repeat(64)}`)
const metadata = JSON.stringify({
  'buildx.build.ref': 'default/default/0337g8bikn9ita7whqdg85a8u',
  'buildx.build.warnings': [
    {
      vertex: 'sha256:0',
      level: 1,
      short: base64("FromAsCasing: 'as' and 'FROM' keywords' casing do not match (line 2)"),
      detail: [base64("The 'as' keyword should match the case of the 'from' keyword")],
      url: 'https://docs.docker.com/go/dockerfile/rule/from-as-casing/',
      sourceInfo: { filename: 'docker/Dockerfile' },
      range: [{ start: { line: 2 }, end: { line: 2 } }],
    },
    { vertex: 'sha256:1', level: 1, short: base64('no place') },
  ],
  'containerimage.config.digest': config,
  'containerimage.digest': index,
  'image.name': 'ghcr.io/octocat/app:1',
})

test('metadata: what was pushed, and what the checks of the Dockerfile say', () => {
  const { digest, imageId, warnings, raw } = parseMetadata(metadata, `${image}\n`)
  assert.deepEqual([digest, imageId, raw['image.name']], [index, image, 'ghcr.io/octocat/app:1'])
  assert.deepEqual(warnings, [
    {
      text: "FromAsCasing: 'as' and 'FROM' keywords' casing do not match",
      url: 'https://docs.docker.com/go/dockerfile/rule/from-as-casing/',
      line: 2,
    },
    { text: 'no place', url: undefined, line: undefined },
  ])
})

test('metadata: without a file for it, the image ID is the configuration', () => {
  assert.equal(parseMetadata(metadata, '').imageId, config)
})

test('metadata: what is no digest is none, whatever follows it', () => {
  const forged = `${index} 1 - id[$(id)]`
  const { digest, imageId } = parseMetadata(JSON.stringify({ 'containerimage.digest': forged }), forged)
  assert.deepEqual([digest, imageId], [undefined, undefined])
})

for (const nothing of ['', 'null', '{}', '{"containerimage.digest":', '[1]', '"text"']) {
  test(`metadata: ${JSON.stringify(nothing)} says nothing`, () => {
    assert.deepEqual(parseMetadata(nothing, ''), {
      digest: undefined,
      imageId: undefined,
      warnings: [],
      raw: {},
    })
  })
}
