import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { noFindings } from '../../../src/core/findings.ts'
import { findFiles } from '../../../src/payload/files.ts'
import { sendCommand } from '../../../src/payload/send.ts'
import { noHooks } from './no-hooks.ts'

const place = mkdtempSync(join(tmpdir(), 'slipway-send-'))
after(() => rmSync(place, { recursive: true, force: true }))

const contents: Readonly<Record<string, string>> = {
  empty: '',
  'of a record': 'x'.repeat(512),
  'conf/a b': 'small\n',
  [`${'deep/'.repeat(30)}é`]: 'a long name\n',
  large: 'piece after piece\n'.repeat(50_000),
}

async function sent(workspace: string): Promise<Buffer> {
  const files = await findFiles('.', workspace, noFindings())
  const settings = [{ name: 'A', value: 'secret' }]
  const { stdin } = sendCommand(
    '/run',
    { files, settings, envFile: '.env', hooks: noHooks, allowOlder: false },
    false,
  )
  assert.ok(typeof stdin === 'function')
  const pieces: Uint8Array[] = []
  for await (const piece of stdin()) pieces.push(piece)
  return Buffer.concat(pieces)
}

test('the digests of the files follow them, in the format of sha256sum', async () => {
  const workspace = join(place, 'workspace')
  for (const [name, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(workspace, name)), { recursive: true })
    writeFileSync(join(workspace, name), text)
  }
  const taken = join(place, 'taken')
  mkdirSync(taken)
  execFileSync('tar', ['-xf', '-', '-C', taken], { input: await sent(workspace) })
  const count = execFileSync('sh', ['-c', 'cd files && sha256sum -c ../prints && wc -l <../prints'], {
    cwd: taken,
    encoding: 'utf8',
  })
  assert.match(count, new RegExp(`\\n${Object.keys(contents).length}\\n$`))
  assert.deepEqual(execFileSync('ls', { cwd: taken, encoding: 'utf8' }).split('\n').filter(Boolean), [
    'files',
    'prints',
    'settings',
    'whole',
  ])
})

for (const size of [100, 2_000_000])
  for (const change of [-1, 1])
    test(`a file of ${size} bytes whose size changes by ${change} during the upload is an error`, async () => {
      const workspace = mkdtempSync(join(place, 'changed-'))
      writeFileSync(join(workspace, 'file'), Buffer.alloc(size))
      const files = await findFiles('.', workspace, noFindings())
      truncateSync(join(workspace, 'file'), size + change)
      const plan = { files, settings: [], envFile: '.env', hooks: noHooks, allowOlder: false }
      const { stdin } = sendCommand('/run', plan, false)
      assert.ok(typeof stdin === 'function')
      await assert.rejects(async () => {
        for await (const _ of stdin());
      }, /^Failure: deploy: The size of .* changed while it was uploaded\./)
    })
