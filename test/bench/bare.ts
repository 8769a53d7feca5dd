import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dockerConfigFor } from '../rig/base.ts'
import type { Rig, RunnerDocker } from '../rig/rig.ts'

/** A checked-out repository: a Dockerfile on the rig's base image that serves one page. */
export interface Repository {
  readonly directory: string
  /** Changes the page, so that the next build has to build a layer for each platform. Returns the page. */
  change(): string
  remove(): void
}

export async function openRepository({ base }: Rig): Promise<Repository> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  const { reference } = await base()
  const lines = [
    `FROM ${reference}`,
    'COPY index.html /www/index.html',
    'RUN echo built >/www/built',
    'CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]',
  ]
  writeFileSync(join(directory, 'Dockerfile'), `${lines.join('\n')}\n`)
  // Excludes the benchmark's own files, which begin with a dot, from the build context.
  writeFileSync(join(directory, '.dockerignore'), '.*\n')
  let count = 0
  const change = () => {
    const page = `page ${process.pid}.${++count}`
    writeFileSync(join(directory, 'index.html'), `${page}\n`)
    return page
  }
  change()
  return { directory, change, remove: () => rmSync(directory, { recursive: true, force: true }) }
}

/** Returns a function that runs the bare commands with a runner's docker that is logged in to the registry. */
export function shellOf({ place, registry }: Rig, runner: RunnerDocker) {
  const config = dockerConfigFor(place, registry, runner.plugins)
  return (script: string): Promise<number> => shell(script, { ...runner.env, DOCKER_CONFIG: config })
}

/** Runs a shell script. Returns its duration in milliseconds. */
async function shell(script: string, env: Readonly<Record<string, string>>): Promise<number> {
  const began = performance.now()
  const child = spawn('sh', ['-ec', script], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${script}: exit ${code}\n${stderr}`)
  return performance.now() - began
}
