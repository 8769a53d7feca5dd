import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokenLinks } from '../../../.ci/readme/links.ts'

const page = (text: string) =>
  brokenLinks([{ path: 'README.md', text }]).map(({ line, target }) => `${line} ${target}`)

const cases = [
  { name: 'a file that is there', text: '[a](action.yml)', expected: [] },
  { name: 'a file that is not there', text: 'x\n[a](nowhere.yml)', expected: ['2 nowhere.yml'] },
  { name: 'a heading', text: '# It is *here*, now\n[a](#it-is-here-now)', expected: [] },
  { name: 'a Chinese heading', text: '## 准备服务器\n[a](#准备服务器)', expected: [] },
  { name: 'a heading that is not there', text: '# One\n[a](#two)', expected: ['2 #two'] },
  { name: 'a picture that is not there', text: '<img src="no.png">', expected: ['1 no.png'] },
  { name: 'the internet, which is not asked', text: '[a](https://nowhere.example)', expected: [] },
  { name: 'code, which has no links', text: '```sh\na[b](c)\n```', expected: [] },
] as const

for (const { name, text, expected } of cases) test(name, () => assert.deepEqual(page(text), expected))
