import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { after, before, suite, test } from 'node:test'
import type { Command, Run, RunOptions } from '../../../src/core/command.ts'
import { type Connection, connect } from '../../../src/ssh/connection.ts'
import { rig, type Server, type ServerOptions } from '../../rig/rig.ts'
import {
  type Engine,
  engines,
  image,
  type ProjectCase,
  projects,
  root,
} from '../../unit/target/compose-host/preflight/projects.ts'
import { check, read } from '../../unit/target/compose-host/preflight/read.ts'

// How each version of the engine and of Compose answers preflight's commands. Calls the module itself, because a run of
// the bundle only shows the result. CAPTURE=1 records the answers for the unit test.

for (const engine of engines) {
  suite(`preflight on the ${engine} server`, () => {
    let server: Server
    let connection: Connection

    before(async () => {
      const all = await rig()
      const base = await all.base()
      server = await all.server(suites[engine])
      await prepare(server, engine, base.reference)
      connection = await connect({
        host: server.address,
        port: server.port,
        user: 'deploy',
        authentication: { kind: 'key', key: server.access.key.text },
        hostKey: { kind: 'known-hosts', lines: server.knownHosts },
      })
    })

    after(async () => {
      await connection.close()
      await server.remove()
    })

    for (const project of projectsOf(engine)) {
      test(project.name, async () => {
        const found = await read(project, capturing(connection.run, engine, project))
        check(project, found)
      })
    }
  })
}

/** Uses its own servers, because other tests may have projects with the same names. */
const suites = {
  modern: { suite: 'sid', store: 'containerd' },
  trixie: { suite: 'trixie', store: 'classic' },
  old: { suite: 'bookworm', store: 'classic' },
} as const satisfies Record<Engine, ServerOptions>

function projectsOf(engine: Engine): readonly ProjectCase[] {
  return projects.filter(each => each.engines?.includes(engine) ?? true)
}

/** Creates and starts the projects of an engine on its server. */
async function prepare(server: Server, engine: Engine, base: string): Promise<void> {
  const call = engine === 'old' ? 'docker-compose' : 'docker compose'
  const script = projectsOf(engine)
    .map(project => projectScript(project, call))
    .join('\n')
  const outcome = await server.exec(
    `docker pull -q ${base} && docker tag ${base} ${image}:v1 || exit\n${script}\nsleep 2; chown -R deploy: ${root}`,
  )
  assert.equal(outcome.code, 0, outcome.stderr)
}

function projectScript({ name, files, up }: ProjectCase, call: string): string {
  const writes = Object.entries(files).map(
    ([file, text]) => `mkdir -p "$(dirname ${file})"; cat >${file} <<'END'\n${text}END`,
  )
  const start = up === undefined ? ':' : `${call} ${up} >up.log 2>&1 || { cat up.log >&2; exit 1; }`
  return [`mkdir -p ${root}/${name}; cd ${root}/${name}`, ...writes, start].join('\n')
}

/** Records the answers for the unit test, one file per command. */
function capturing(run: Run, engine: Engine, { name }: ProjectCase): Run {
  if (process.env['CAPTURE'] === undefined) return run
  const directory = new URL(`../../unit/target/compose-host/preflight/captured/${engine}/`, import.meta.url)
  mkdirSync(directory, { recursive: true })
  const questions = ['probe', 'project', 'containers'].values()
  return async (command: Command, options?: RunOptions) => {
    const outcome = await run(command, options)
    const question = questions.next().value
    const file = question === 'probe' ? 'probe' : `${name}.${question}`
    writeFileSync(new URL(`${file}.txt`, directory), outcome.stdout)
    return outcome
  }
}
