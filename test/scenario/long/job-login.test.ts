/** A login that is kept for later steps of the job, in the runner's own docker configuration. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { rig } from '../../rig/rig.ts'
import { assertGreen } from '../expect.ts'
import { noServer, openSite, ship } from '../site.ts'

const all = await rig()
const { host, username, password } = all.registry
const entry = (pair: string) => ({ auth: Buffer.from(pair).toString('base64') })

for (const [name, before] of [
  ['there was no login before', {}],
  ['there was another login before', { [host]: entry('somebody:else') }],
] as const) {
  test(`login: job lasts until the post step (${name})`, async () => {
    await using site = await openSite('job-login')
    const directory = mkdtempSync(join(tmpdir(), 'slipway-config-'))
    const file = join(directory, 'config.json')
    const auths = () => (JSON.parse(readFileSync(file, 'utf8')) as { auths?: object }).auths ?? {}
    const elsewhere = { 'other.example': entry('me:mine') }
    const content = { cliPluginsExtraDirs: [all.runner.plugins], auths: { ...elsewhere, ...before } }
    writeFileSync(file, JSON.stringify(content))
    try {
      let meanwhile: object = {}
      const run = await ship(
        site,
        { page: 'kept' },
        {
          env: { ...all.runner.env, DOCKER_CONFIG: directory },
          with: { ...buildOnly, login: 'job' },
          between: async () => {
            meanwhile = auths()
          },
        },
      )
      assertGreen(run)
      assert.deepEqual(meanwhile, { ...elsewhere, [host]: entry(`${username}:${password}`) })
      assert.deepEqual(auths(), content.auths)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
}

const buildOnly = { ...noServer, platforms: 'linux/amd64' }
