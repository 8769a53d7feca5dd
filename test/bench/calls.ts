import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rig } from '../rig/rig.ts'
import { openSite, ship } from '../scenario/site.ts'
import { table } from './samples.ts'

/**
 * Returns the docker commands that a run executes on the runner, in order, each by its first two words. The action does
 * not trust a script in place of docker: it calls `docker info` and runs buildx through it. This is therefore the
 * maximum number of calls.
 */
export async function dockerCalls(run: (path: string) => Promise<unknown>): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-calls-'))
  const log = join(directory, 'log')
  writeFileSync(log, '')
  const docker = join(directory, 'docker')
  writeFileSync(docker, `#!/bin/sh\necho "$1 $2" >>${log}\nPATH=\${PATH#${directory}:}\nexec docker "$@"\n`)
  chmodSync(docker, 0o755)
  try {
    await run(directory)
    return readFileSync(log, 'utf8').split('\n').filter(Boolean)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Returns the docker commands on the default path: a login, two platforms, a push, a deploy. */
export async function callsOfDefaultPath(): Promise<string[]> {
  // Without an emulator, the action would install one with additional calls.
  await (await rig()).emulator()
  await using site = await openSite('calls')
  return await dockerCalls(async path => {
    const { runner } = site.rig
    const run = await ship(
      site,
      { page: 'calls' },
      {
        env: { ...runner.env, PATH: `${path}:${runner.env.PATH}` },
        with: { platforms: 'linux/amd64,linux/arm64' },
      },
    )
    if (run.conclusion !== 'success') throw new Error(run.log)
  })
}

export async function calls(): Promise<string> {
  const list = await callsOfDefaultPath()
  return table([
    ['', 'Call of docker'],
    ...list.map((call, index) => [`${index + 1}`, `\`docker ${call.replace(/ -.*/, '')}\``]),
  ])
}
