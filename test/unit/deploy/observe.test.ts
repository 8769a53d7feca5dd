/** How the gate explains a failed healthcheck, in every shell that a server may have. */
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
    name: 'the engine does not find the program',
    probe: 'CMD curl -f http://localhost/',
    code: -1,
    output: engine('curl', 'executable file not found in $PATH'),
    expected: 'curl',
  },
  {
    name: 'the engine does not find the path',
    probe: 'CMD /app/health',
    code: -1,
    output: engine('/app/health', 'stat /app/health: no such file or directory'),
    expected: '/app/health',
  },
  {
    name: 'the image has no shell',
    probe: 'CMD-SHELL curl -f http://localhost/',
    code: -1,
    output: engine('/bin/sh', 'stat /bin/sh: no such file or directory'),
    expected: '/bin/sh',
  },
  {
    name: 'busybox does not find the program',
    probe: 'CMD-SHELL curl -f http://localhost/',
    code: 127,
    output: '/bin/sh: curl: not found\n',
    expected: 'curl',
  },
  {
    name: 'dash does not find the program',
    probe: 'CMD-SHELL curl -f http://localhost/',
    code: 127,
    output: '/bin/sh: 1: curl: not found\n',
    expected: 'curl',
  },
  {
    name: 'bash does not find the second program',
    probe: 'CMD-SHELL echo trying; curl -f http://localhost/',
    code: 127,
    output: 'trying\nbash: line 1: curl: command not found\n',
    expected: 'curl',
  },
  {
    name: 'followed by `|| exit 1`',
    probe: 'CMD-SHELL curl -f http://localhost/ || exit 1',
    code: 1,
    output: '/bin/sh: curl: not found\n',
    expected: 'curl',
  },
  {
    name: 'not if an alternative follows, which may still succeed',
    probe: 'CMD-SHELL curl -f http://localhost/ || wget -q http://localhost/ || exit 1',
    code: 1,
    output: '/bin/sh: curl: not found\n',
    expected: '',
  },
  {
    name: 'not if another program follows',
    probe: 'CMD-SHELL which curl; nc -z localhost 80 || exit 1',
    code: 1,
    output: '/bin/sh: which: not found\n',
    expected: '',
  },
  {
    name: 'not if only the page is missing',
    probe: 'CMD-SHELL wget -qO- http://localhost/ || exit 1',
    code: 1,
    output: 'wget: server returned error: HTTP/1.1 404 Not Found\n',
    expected: '',
  },
  {
    name: 'not if the program itself prints the same message',
    probe: 'CMD-SHELL check || exit 1',
    code: 1,
    output: 'the key "a" of sh: was\nnot there: not found\n',
    expected: '',
  },
  { name: 'not without any output', probe: 'CMD check', code: 1, output: '', expected: '' },
]

for (const shell of shells) {
  suite(`a healthcheck whose program is missing, in ${shell.join(' ')}`, () => {
    for (const { name, probe, code, output, expected } of rows) {
      test(name, () => {
        const site = stand({ answer: `${probe}\n${code} ${JSON.stringify(output)}\n` }, {})
        const text = 'ask() { cat "$directory/answer"; }; missing_probe x || echo "none"'
        assert.equal(call(shell, site, text).output, `${expected === '' ? 'none' : expected}\n`)
      })
    }
  })
}
