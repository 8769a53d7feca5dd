import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { dockerConfigFor } from '../rig/base.ts'
import { run } from '../rig/command.ts'
import { goOf } from '../rig/go.ts'
import type { Rig } from '../rig/rig.ts'

const source = join(import.meta.dirname, 'program')
const say = (line: string): void => void process.stderr.write(`zero: ${line}\n`)

/**
 * Compiles the program that is both the app and the load generator, once per state of its source. Returns its path.
 */
export async function compile({ place }: Rig): Promise<string> {
  const files = readdirSync(source).sort()
  const texts = files.map(file => readFileSync(join(source, file)))
  const hash = createHash('sha256').update(Buffer.concat(texts)).digest('hex').slice(0, 12)
  const program = join(place.cache, `zero-${hash}`)
  if (existsSync(program)) return program
  const go = await goOf(place, say)
  const env = { ...process.env, CGO_ENABLED: '0' }
  const output = `${program}.${process.pid}`
  await run(go, ['build', '-ldflags', '-s -w', '-trimpath', '-o', output, '.'], { cwd: source, env })
  renameSync(output, program)
  return program
}

/** Pushes an image FROM scratch that contains only the program. Returns its reference. */
export async function pushBase(all: Rig, program: string): Promise<string> {
  const registry = await all.anonymousRegistry()
  const context = join(all.place.run, `zero-${process.pid}`)
  mkdirSync(context, { recursive: true })
  copyFileSync(program, join(context, 'zero'))
  writeFileSync(
    join(context, 'Dockerfile'),
    'FROM scratch\nCOPY zero /zero\nENTRYPOINT ["/zero"]\nCMD ["serve"]\n',
  )
  const reference = `${registry.host}/base/zero:1`
  const env = {
    ...process.env,
    ...all.runner.env,
    DOCKER_CONFIG: dockerConfigFor(all.place, registry, all.runner.plugins),
  }
  await run('docker', ['buildx', 'build', '-q', '--push', '--provenance=false', '-t', reference, context], {
    env,
  })
  return reference
}
