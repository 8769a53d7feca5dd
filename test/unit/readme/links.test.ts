import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokenLinks } from '../../../.ci/readme/links.ts'

const page = (text: string) =>
  brokenLinks([{ path: 'README.md', text }]).map(({ line, target }) => `${line} ${target}`)

const cases = [
  { name: 'an existing file', text: '[a](action.yml)', expected: [] },
  { name: 'a missing file', text: 'x\n[a](nowhere.yml)', expected: ['2 nowhere.yml'] },
  { name: 'a heading', text: '# It is *here*, now\n[a](#it-is-here-now)', expected: [] },
  { name: 'a Chinese heading', text: '## 准备服务器\n[a](#准备服务器)', expected: [] },
  { name: 'a missing heading', text: '# One\n[a](#two)', expected: ['2 #two'] },
  { name: 'a missing picture', text: '<img src="no.png">', expected: ['1 no.png'] },
  { name: 'a missing file in inline code', text: 'x\n`test/no.ts`', expected: ['2 test/no.ts'] },
  { name: 'an existing file in a command', text: '`bash .ci/run`', expected: [] },
  { name: 'an external link, which is not checked', text: '[a](https://nowhere.example)', expected: [] },
  { name: 'brackets in code, which are not links', text: '```sh\na[b](c)\n```', expected: [] },
] as const

for (const { name, text, expected } of cases) test(name, () => assert.deepEqual(page(text), expected))
