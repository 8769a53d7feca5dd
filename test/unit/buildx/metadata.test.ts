import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMetadata } from '../../../src/buildx/metadata.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** The metadata file of buildx 0.29, shortened to the keys that Slipway reads. */
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

test('metadata: the digest, the image ID and the warnings of the Dockerfile checks', () => {
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

test('metadata: without an image ID file, the image ID is the digest of the configuration', () => {
  assert.equal(parseMetadata(metadata, '').imageId, config)
})

test('metadata: a digest followed by other text is invalid', () => {
  const forged = `${index} 1 - id[$(id)]`
  const { digest, imageId } = parseMetadata(JSON.stringify({ 'containerimage.digest': forged }), forged)
  assert.deepEqual([digest, imageId], [undefined, undefined])
})

for (const nothing of ['', 'null', '{}', '{"containerimage.digest":', '[1]', '"text"']) {
  test(`metadata: ${JSON.stringify(nothing)} is empty`, () => {
    assert.deepEqual(parseMetadata(nothing, ''), {
      digest: undefined,
      imageId: undefined,
      warnings: [],
      raw: {},
    })
  })
}
