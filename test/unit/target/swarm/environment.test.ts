/**
 * Reads an env file into docker's environment: values that Slipway writes come out unchanged, and none is ever
 * executed.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { envLine } from '../../../../src/payload/dotenv.ts'
import { scriptParts, shells } from '../../deploy/shells.ts'

const place = mkdtempSync(join(tmpdir(), 'environment-'))
after(() => rmSync(place, { recursive: true, force: true }))

const part = readFileSync(
  new URL('../../../../src/target/swarm/agent/environment.sh', import.meta.url),
  'utf8',
)
const head = "set -u -f\nnewline='\n'\ntab='\t'\nsettings_names=''\n"
const script = join(place, 'script')
writeFileSync(
  script,
  `${head}${scriptParts(['settings'], '')}${part}
export_settings <"$1"
echo "$settings_names"
env -0 >"$1.env"
`,
)

function read(shell: readonly string[], text: string): Record<string, string> {
  const [file = '', ...options] = shell
  const path = join(place, 'env')
  writeFileSync(path, text)
  const { stdout, stderr, status } = spawnSync(file, [...options, script, path], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '' },
  })
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
  const names = stdout.trim().split(',').filter(Boolean)
  const all = readFileSync(`${path}.env`, 'utf8').split('\0')
  return Object.fromEntries(
    names.map(name => [
      name,
      all.findLast(line => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? '?',
    ]),
  )
}

const written = [
  'plain',
  '',
  'two words',
  `it's "quoted"`,
  '$HOME ${PATH} $$',
  `$(touch ${join(place, 'ran')}) \`touch ${join(place, 'ran')}\``,
  'back\\slash\\',
  'line\nline\n\nend',
  'ends in a newline\n',
  'tab\there # no remark',
  'é 中文 ✓',
  '\\n is no newline',
  'a\rb',
]

const files: readonly { name: string; text: string; expected: Record<string, string> }[] = [
  {
    name: 'comments and blank lines',
    text: '# A=1\n\n  # B=2\nC=3 # remark\nD=4#5\n',
    expected: { C: '3', D: '4#5' },
  },
  { name: 'export, blanks and CRLF', text: 'export A=1\r\n  B = 2 \r\n', expected: { A: '1', B: '2' } },
  { name: 'a byte order mark', text: '\uFEFFA=1\n', expected: { A: '1' } },
  { name: 'no newline at the end', text: 'A=1\nB=2', expected: { A: '1', B: '2' } },
  { name: 'single quotes', text: "A='x $y \\n # z'\n", expected: { A: 'x $y \\n # z' } },
  { name: 'a value over several lines', text: 'A="one\ntwo"\nB=3\n', expected: { A: 'one\ntwo', B: '3' } },
  { name: 'the last one wins', text: 'A=1\nA=2\n', expected: { A: '2' } },
  {
    name: 'variables that control the shell or docker are ignored',
    text: 'PATH=/nowhere\nIFS=x\nDOCKER_HOST=tcp://x\nLD_PRELOAD=/x\nBASH_ENV=/x\n1A=2\nA-B=1\nOK=1\n',
    expected: { OK: '1' },
  },
]

for (const shell of [...shells, ['bash']]) {
  suite(`an env file is read in ${shell.join(' ')}:`, () => {
    for (const [index, value] of written.entries())
      test(`a value that Slipway wrote, ${JSON.stringify(value).slice(0, 40)}`, () => {
        const line = envLine({ name: `V${index}`, value } as Parameters<typeof envLine>[0], false)
        assert.deepEqual(read(shell, `${line}\nAFTER=1\n`), { [`V${index}`]: value, AFTER: '1' })
        assert.equal(existsSync(join(place, 'ran')), false)
      })
    for (const { name, text, expected } of files)
      test(name, () => {
        const found = read(shell, text)
        assert.deepEqual(found, expected)
      })
  })
}
