import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { readContext } from '../../../src/core/context.ts'
import { packagePage } from '../../../src/report/package-page.ts'

const digest = `sha256:${'a'.repeat(64)}`

const pages: readonly (readonly [image: string, server: string, expected: string | undefined])[] = [
  ['ghcr.io/octo/app:latest', 'https://github.com', 'https://github.com/Octo/app/pkgs/container/app'],
  ['ghcr.io/octo/app/web', 'https://github.com', 'https://github.com/Octo/app/pkgs/container/app%2Fweb'],
  ['ghcr.io/other/app:1', 'https://github.com', undefined],
  ['ghcr.io/octo/app:1', 'https://ghe.example', undefined],
  [
    'containers.ghe.example/octo/app:1',
    'https://ghe.example',
    'https://ghe.example/Octo/app/pkgs/container/app',
  ],
  [`octo/app@${digest}`, 'https://github.com', 'https://hub.docker.com/r/octo/app/tags'],
  ['nginx', 'https://github.com', 'https://hub.docker.com/_/nginx/tags'],
  [
    'forge.example/octo/app:1.2',
    'https://forge.example',
    'https://forge.example/octo/-/packages/container/app/1.2',
  ],
  [
    `forge.example/octo/app@${digest}`,
    'https://forge.example',
    `https://forge.example/octo/-/packages/container/app/${digest}`,
  ],
  ['registry.example/octo/app:1', 'https://github.com', undefined],
  [digest, 'https://github.com', undefined],
]

suite('the page of an image', () => {
  for (const [image, server, expected] of pages) {
    test(`${image} at ${server}`, () => {
      const context = readContext({ GITHUB_REPOSITORY: 'Octo/app', GITHUB_SERVER_URL: server }, '')
      assert.equal(packagePage(image, context), expected)
    })
  }
})
