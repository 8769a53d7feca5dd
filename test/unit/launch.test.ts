import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { launch } from '../../src/launch.ts'
import { context } from './buildx/planned.ts'
import { scriptedRunner } from './buildx/scripted-runner.ts'
import { inputsOf } from './image/events.ts'
import { serve } from './registry/registry.ts'

const machine = JSON.stringify({
  ServerVersion: '28.5.2',
  OSType: 'linux',
  RegistryConfig: { InsecureRegistryCIDRs: ['127.0.0.0/8'] },
  ClientInfo: { Context: 'default', Plugins: [{ Name: 'buildx', Version: 'v0.29.1' }] },
})

const headline = { false: /Nothing to do/, true: /image is built; nothing was pushed/ } as const

for (const build of ['false', 'true'] as const) {
  test(`a run of Dependabot with build: ${build}, where there is no image`, async () => {
    const { host } = await serve((_, response) => response.writeHead(404).end())
    const bench = scriptedRunner(`[ "$1" = info ] && echo '${machine}'; exit 0`, {
      DOCKER_HOST: 'tcp://engine.example:2376',
    })
    for (const name of ['OUTPUT', 'ENV']) {
      const file = join(bench.directory, name)
      writeFileSync(file, '')
      process.env[`GITHUB_${name}`] = file
    }
    const run = {
      ...context,
      eventName: 'pull_request',
      payload: { pull_request: { head: { repo: { full_name: context.repository } } } },
      actor: 'dependabot[bot]',
      temp: bench.directory,
      workspace: bench.directory,
    }
    const summary = join(bench.directory, 'summary')
    const env = { ...bench.runtime.env, GITHUB_STEP_SUMMARY: summary }
    const runtime = { ...bench.runtime, env, context: run }
    const inputs = inputsOf({
      image: `${host}/me/app`,
      tags: '1',
      build,
      context: 'https://example.com/a.git',
    })
    assert.equal(await launch(inputs, [], runtime), true, bench.log())
    assert.match(readFileSync(summary, 'utf8'), headline[build])
  })
}
