/** What the gate makes of a healthcheck that fails, by the shells that servers have. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { shells } from './shells.ts'
import { call, stand } from './stand.ts'

const engine = (program: string, why: string) =>
  `OCI runtime exec failed: exec failed: unable to start container process: exec: "${program}": ${why}: unknown`

const rows: readonly {
  name: string
  probe: string
  code: number
  output: string
  expected: string
}[] = [
  {
    name: 'a program that the engine does not find',
    probe: 'CMD curl -f http://localhost/',
    code: -1,
    output: engine('curl', 'executable file not found in $PATH'),
    expected: 'curl',
  },
  {
    name: 'a path that the engine does not find',
    probe: 'CMD /app/health',
    code: -1,
    output: engine('/app/health', 'stat /app/health: no such file or directory'),
    expected: '/app/health',
  },
  {
    name: 'an image without a shell',
    probe: 'CMD-SHELL curl -f http://localhost/',
    code: -1,
    output: engine('/bin/sh', 'stat /bin/sh: no such file or directory'),
    expected: '/bin/sh',
  },
  {
    name: 'a program that busybox does not find',
    probe: 'CMD-SHELL curl -f http://localhost/',
    code: 127,
    output: '/bin/sh: curl: not found\n',
    expected: 'curl',
  },
  {
    name: 'a program that dash does not find',
    probe: 'CMD-SHELL curl -f http://localhost/',
    code: 127,
    output: '/bin/sh: 1: curl: not found\n',
    expected: 'curl',
  },
  {
    name: 'a program that bash does not find, behind another one',
    probe: 'CMD-SHELL echo trying; curl -f http://localhost/',
    code: 127,
    output: 'trying\nbash: line 1: curl: command not found\n',
    expected: 'curl',
  },
  {
    name: 'one with `|| exit 1` behind it',
    probe: 'CMD-SHELL curl -f http://localhost/ || exit 1',
    code: 1,
    output: '/bin/sh: curl: not found\n',
    expected: 'curl',
  },
  {
    name: 'one with another one behind it, which may answer yet',
    probe: 'CMD-SHELL curl -f http://localhost/ || wget -q http://localhost/ || exit 1',
    code: 1,
    output: '/bin/sh: curl: not found\n',
    expected: '',
  },
  {
    name: 'one before another one',
    probe: 'CMD-SHELL which curl; nc -z localhost 80 || exit 1',
    code: 1,
    output: '/bin/sh: which: not found\n',
    expected: '',
  },
  {
    name: 'a page that is not there',
    probe: 'CMD-SHELL wget -qO- http://localhost/ || exit 1',
    code: 1,
    output: 'wget: server returned error: HTTP/1.1 404 Not Found\n',
    expected: '',
  },
  {
    name: 'a program that says the words itself',
    probe: 'CMD-SHELL check || exit 1',
    code: 1,
    output: 'the key "a" of sh: was\nnot there: not found\n',
    expected: '',
  },
  { name: 'one without a word', probe: 'CMD check', code: 1, output: '', expected: '' },
]

for (const shell of shells) {
  suite(`a healthcheck whose program is missing, by ${shell.join(' ')}`, () => {
    for (const { name, probe, code, output, expected } of rows) {
      test(name, () => {
        const site = stand({ answer: `${probe}\n${code} ${JSON.stringify(output)}\n` }, {})
        const text = 'ask() { cat "$directory/answer"; }; missing_probe x || echo "none"'
        assert.equal(call(shell, site, text).output, `${expected === '' ? 'none' : expected}\n`)
      })
    }
  })
}
