import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMetadata } from '../../../src/buildx/metadata.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** As buildx 0.29 writes it, cut to what is read. */
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
  'containerimage.config.digest': 'sha256:config',
  'containerimage.digest': 'sha256:index',
  'image.name': 'ghcr.io/octocat/app:1',
})

test('metadata: what was pushed, and what the checks of the Dockerfile say', () => {
  const { digest, imageId, warnings, raw } = parseMetadata(metadata, 'sha256:image\n')
  assert.deepEqual(
    [digest, imageId, raw['image.name']],
    ['sha256:index', 'sha256:image', 'ghcr.io/octocat/app:1'],
  )
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
  assert.equal(parseMetadata(metadata, '').imageId, 'sha256:config')
})

for (const nothing of ['', 'null', '{}']) {
  test(`metadata: ${JSON.stringify(nothing)} says nothing`, () => {
    assert.deepEqual(parseMetadata(nothing, ''), {
      digest: undefined,
      imageId: undefined,
      warnings: [],
      raw: {},
    })
  })
}
