import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { renderCatalogue } from '../../../.ci/errors/catalogue.ts'
import { collect, type Expected } from '../../../.ci/errors/collect.ts'
import { collectOutcomes, collectScript } from '../../../.ci/errors/script.ts'

const root = join(import.meta.dirname, '../../..')

/** What is collected of a source of these files. */
function collectOf(
  files: Readonly<Record<string, string>>,
  passedOn: Readonly<Record<string, string>> = {},
): Expected[] {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-errors-'))
  try {
    mkdirSync(join(folder, 'src'))
    const options = {
      module: 'nodenext',
      target: 'es2024',
      noEmit: true,
      allowImportingTsExtensions: true,
      types: [],
    }
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, include: ['src'] }),
    )
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'src', name), text)
    return collect(folder, passedOn)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const entry = (cause: string, ...remedies: string[]): Expected => ({
  file: 'src/a.ts',
  cause,
  remedies,
  inputs: [],
})

const byCause = (list: Expected[]) => list.toSorted((one, other) => one.cause.localeCompare(other.cause))

const wordings: readonly { name: string; input: string; expected: Expected[] }[] = [
  {
    name: 'a text',
    input: `export const p = { cause: 'It broke.', remedy: "Mend it." }`,
    expected: [entry('It broke.', 'Mend it.')],
  },
  {
    name: 'a template, with what is known only when it happens left open',
    input:
      'export const p = (host: string, port: number) => ({ cause: `No ${host}:${port} in ${host.length} tries.` })',
    expected: [entry('No … in … tries.')],
  },
  {
    name: 'a text in two parts, one of them a constant',
    input: `const end = 'is down.'; export const p = { cause: 'The engine ' + end }`,
    expected: [entry('The engine is down.')],
  },
  {
    name: 'a choice: each is an entry, with all the remedies',
    input: `export const p = (a: boolean) => ({ cause: a ? 'It is big.' : 'It is small.', remedy: a ? 'Cut it.' : 'Feed it.' })`,
    expected: [entry('It is big.', 'Cut it.', 'Feed it.'), entry('It is small.', 'Cut it.', 'Feed it.')],
  },
  {
    name: 'a function that makes problems: an entry for each call',
    input: `
      const make = (what: string, remedy: string) => ({ cause: \`The key \${what}.\`, remedy })
      const foreign = (what: string) => make(\`is \${what}\`, 'Convert it.')
      export const all = [make('is a path', 'Give its text.'), foreign('a PuTTY key')]`,
    expected: [
      entry('The key is a path.', 'Give its text.'),
      entry('The key is a PuTTY key.', 'Convert it.'),
    ],
  },
  {
    name: 'a remedy that a function of several returns gives',
    input: `
      function remedyOf(status: number) { if (status === 401) return 'Log in.'; return 'Wait.' }
      export const p = (status: number) => ({ cause: 'It was refused.', remedy: remedyOf(status) })`,
    expected: [entry('It was refused.', 'Log in.', 'Wait.')],
  },
  {
    name: 'a function that calls itself',
    input: `
      function words(n: number): string { return n === 0 ? 'Done.' : words(n - 1) }
      export const p = { cause: 'It went on.', remedy: words(3) }`,
    expected: [entry('It went on.', 'Done.')],
  },
  {
    name: 'what is wrong with a template, as it is told',
    input: `
      class TemplateError extends Error { constructor(message: string, readonly remedy?: string) { super(message) } }
      export const one = new TemplateError('is never closed', 'Close it.')`,
    expected: [entry('`…` is never closed: `…`.', 'Close it.')],
  },
  {
    name: 'the same words for several inputs: one entry that names them',
    input: `
      const missing = (input: string) => ({ input, cause: \`\\\`\${input}\\\` is missing.\`, remedy: 'Give it.' })
      export const all = [missing('service'), missing('image')]`,
    expected: [{ ...entry('`…` is missing.', 'Give it.'), inputs: ['service', 'image'] }],
  },
]

describe('collecting errors from the source finds', () => {
  for (const { name, input, expected } of wordings)
    it(name, () => assert.deepEqual(byCause(collectOf({ 'a.ts': input })), byCause(expected)))

  it('what is declared in another file', () => {
    const files = {
      'b.ts': `export const remedy = 'Install it.'\nexport const say = (what: string) => ({ cause: \`No \${what} here.\` })`,
      'a.ts': `import { remedy, say } from './b.ts'\nexport const p = { cause: 'No docker.', remedy }\nexport const q = say('buildx')`,
    }
    assert.deepEqual(collectOf(files), [
      entry('No docker.', 'Install it.'),
      { ...entry('No buildx here.'), file: 'src/b.ts' },
    ])
  })

  const passing = {
    'a.ts': `
      declare const other: { cause: string }
      export const again = { cause: other.cause, remedy: 'Mend it.' }`,
  }

  it('what only passes another on, and refuses it unless it is said where the words are', () => {
    assert.throws(() => collectOf(passing), /src\/a\.ts: no words of this cause are in the source: …/)
    assert.deepEqual(collectOf(passing, { 'src/a.ts': 'other has them.' }), [])
    assert.throws(
      () => collectOf({ 'a.ts': '' }, { 'src/a.ts': 'why' }),
      /nothing is passed on by src\/a\.ts/,
    )
  })

  it('what a deploy comes to, and nothing twice', () => {
    const causes = collectOutcomes().map(({ cause }) => cause)
    assert.equal(new Set(causes).size, 6)
    assert.ok(causes.every(cause => cause.includes(': …. ')))
    assert.match(causes.join(), /`rollback` is off/)
  })

  it("what the server's script says, with the remedy of its stage", () => {
    const pull = collectScript(root).find(({ cause }) => cause === 'The pull did not end within … s.')
    assert.equal(pull?.file, 'src/deploy/agent/pull.sh')
    assert.match(pull.remedies.join(), /server-login/)
  })
})

describe('the catalogue', () => {
  it('has a chapter for each part of the source, and bars in a text escaped', () => {
    const text = renderCatalogue(
      [{ ...entry('Either a|b.', 'Choose.', 'Wait.'), file: 'src/ssh/dial.ts' }],
      {},
    )
    assert.match(
      text,
      /## The connection to the server\n\n.*\n.*\n\| Either a\\\|b\. \| Choose\. \*Or:\* Wait\. \|/,
    )
  })

  it('takes a remedy from the list, and refuses an error without one, and one without an error', () => {
    assert.match(
      renderCatalogue([entry('It broke.')], { 'It broke.': 'Mend it.' }),
      /It broke\. \| Mend it\./,
    )
    assert.throws(() => renderCatalogue([entry('It broke.')], {}), /src\/a\.ts: no remedy for: It broke\./)
    assert.throws(() => renderCatalogue([], { 'It broke.': 'Mend it.' }), /no such error: It broke\./)
  })

  for (const readme of ['README.md', '.github/README.zh-CN.md']) {
    it(`has every text of ours that ${readme} names in its troubleshooting`, () => {
      const catalogue = readFileSync(join(root, '.github/ERRORS.md'), 'utf8')
      const text = readFileSync(join(root, readme), 'utf8')
      const named = [...text.matchAll(/^(?:In Slipway's words:|Slipway 的说法：)(.*)$/gm)].flatMap(
        ([, line = '']) => [...line.matchAll(/\*\*(.+?)\*\*/g)].map(([, words = '']) => words),
      )
      assert.ok(named.length > 10, `only ${named.length} are named`)
      assert.deepEqual(
        named.filter(words => !catalogue.includes(words)),
        [],
      )
    })
  }
})
