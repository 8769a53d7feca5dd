/**
 * Reads an env file into docker's environment: values that Slipway writes come out unchanged, and none is ever
 * executed.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, suite, test } from 'node:test'
import { swarmScript } from '../../../../src/deploy/script.ts'
import { envLine } from '../../../../src/payload/dotenv.ts'
import { scriptParts, shells } from '../../deploy/shells.ts'
import { envFile, installTools, received, variablesOf } from './variables.ts'

const place = mkdtempSync(join(tmpdir(), 'environment-'))
after(() => rmSync(place, { recursive: true, force: true }))

const part = readFileSync(
  new URL('../../../../src/target/swarm/agent/environment.sh', import.meta.url),
  'utf8',
)
const head = "set -u -f\nnewline='\n'\ntab='\t'\n"
const script = join(place, 'script')
writeFileSync(
  script,
  `${head}${scriptParts(['settings'], '')}${part}
say_names() { echo "$names"; }
with_settings "$1" say_names
with_settings "$1" exec_with_settings 4 sh -c 'env -0 >"$0.env"' "$1"
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
    name: 'names that the parser has itself',
    text: 'line=1\nname=shop\nvalue="a b"\nquote=2\nnext=3\nbefore=4\nnames=5\nskipped=6\nfile=7\ncount=8\ntab=9\nnewline=10\n',
    expected: {
      line: '1',
      name: 'shop',
      value: 'a b',
      quote: '2',
      next: '3',
      before: '4',
      names: '5',
      skipped: '6',
      file: '7',
      count: '8',
      tab: '9',
      newline: '10',
    },
  },
  {
    name: 'variables that control the shell or docker are ignored',
    text: 'PATH=/nowhere\nIFS=x\nDOCKER_HOST=tcp://x\nLD_PRELOAD=/x\nBASH_ENV=/x\n1A=2\nA-B=1\nOK=1\n',
    expected: { OK: '1' },
  },
  {
    name: 'variables that docker does not read are passed on, whatever they begin with',
    text: 'DOCKER_TAG=1.2\nDOCKER_HOSTNAME=h\nDOCKER_TLS_VERIFY=1\nDOCKER_CLI_HINTS=1\nENV=production\nUSER=app\n',
    expected: { DOCKER_TAG: '1.2', DOCKER_HOSTNAME: 'h', ENV: 'production', USER: 'app' },
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
    test('a variable that only some shells let a script set', () =>
      assert.deepEqual(
        read(shell, 'UID=7\nOPTIND=x\nAFTER=1\n'),
        shell[0] === 'bash' ? { AFTER: '1' } : { UID: '7', AFTER: '1' },
      ))
    for (const { name, text, expected } of files)
      test(name, () => {
        const found = read(shell, text)
        assert.deepEqual(found, expected)
      })
  })
}

const manager = join(place, 'manager')
const transaction = join(manager, '.slipway/stack.shop/runs/first/script')
mkdirSync(dirname(transaction), { recursive: true })
installTools(manager, 'cat >"${0%/*}/login"; printf "%s\\n" "$*" >"${0%/*}/call"\n')

for (const shell of [...shells, ['bash']])
  suite(`docker gets the variables of an env file unchanged, in ${shell.join(' ')}:`, () => {
    const own = variablesOf(swarmScript)
    for (const { name, words, variables } of [
      { name: "with the names of the script's own", words: [], variables: own },
      { name: "with the names of the script's own, by sudo", words: ['sudo', '-n'], variables: own },
      { name: 'if there are none, by sudo', words: ['sudo', '-n'], variables: {} },
    ])
      test(name, () => {
        for (const known of ['line', 'name', 'value', 'limit', 'words', 'docker_words', 'limiter'])
          assert.ok(known in own, known)
        writeFileSync(join(manager, '.env'), envFile(variables))
        writeFileSync(
          transaction,
          `${swarmScript.replace(/main "\$@"\n$/, '')}
directory='${manager}' compose_files="stack.yml$newline" credential='{"auths":{}}'
docker_words='${[...words, `${manager}/docker`].join('\n')}
'
find_limiter
call_stack "$directory" 60 config
echo "code $?"
`,
        )
        const [file = '', ...options] = shell
        const env = { PATH: `${manager}:${process.env['PATH']}`, HOME: place }
        const { stdout, stderr } = spawnSync(file, [...options, transaction], { encoding: 'utf8', env })
        assert.equal(`${stdout}${stderr}`, 'code 0\n')
        assert.deepEqual(received(manager, variables), variables)
        assert.match(
          readFileSync(join(manager, 'call'), 'utf8'),
          /^--config \S+ stack config -c stack\.yml$/m,
        )
        assert.match(readFileSync(join(manager, 'login'), 'utf8'), /^\{"auths":\{\}/)
      })
  })
