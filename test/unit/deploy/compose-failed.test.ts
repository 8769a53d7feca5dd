/** The reason for a failed `up`, by the last output of Compose, in the wording of several engines. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { shells } from './shells.ts'
import { call, stand } from './stand.ts'

const rows: readonly { input: string; expected: RegExp }[] = [
  {
    input:
      'Error response from daemon: driver failed programming external connectivity on endpoint app-web-1 (c0ffee12): Bind for 0.0.0.0:8080 failed: port is already allocated',
    expected: /^port-taken: port 8080 on the server is already in use: /,
  },
  {
    input:
      'Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint app-web-1 (c0ffee12): failed to bind host port for 0.0.0.0:443:172.18.0.2:80/tcp: address already in use',
    expected: /^port-taken: port 443 /,
  },
  {
    input: 'Error starting userland proxy: listen tcp6 [::]:53: bind: address already in use',
    expected: /^port-taken: port 53 /,
  },
  { input: 'failed to register layer: no space left on device', expected: /^disk-full: / },
  {
    input: 'Error response from daemon: No such image: octo/app:1',
    expected: /^image-missing: Compose failed \(exit code 18\): /,
  },
  {
    input: 'no such service: web',
    expected: /^compose-failed: Compose failed \(exit code 18\): no such service: web$/m,
  },
]

for (const shell of shells) {
  suite(`the reason for a failure of Compose, in ${shell.join(' ')}`, () => {
    for (const { input, expected } of rows) {
      test(input, () => {
        const site = stand({ '.slipway/app/runs/one/log': `Creating …\n${input}\n` }, {})
        const text = 'set -f; compose_failed 18 "$(last_logged 0)" || echo "$reason_code: $reason" >&2'
        const { output } = call(shell, site, text)
        assert.match(output.trimEnd().split('\n').at(-1) ?? '', expected)
      })
    }
  })
}
