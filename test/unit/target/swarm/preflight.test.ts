/** Preflight of a stack, whose scripts run here with a simulated docker. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, suite, test } from 'node:test'
import type { Run } from '../../../../src/core/command.ts'
import { preflightSwarm } from '../../../../src/target/swarm/preflight.ts'
import { shells } from '../../deploy/shells.ts'
import { noHooks } from '../../payload/no-hooks.ts'
import { envFile, installTools, received, variablesOf } from './variables.ts'

const place = mkdtempSync(join(tmpdir(), 'preflight-'))
after(() => rmSync(place, { recursive: true, force: true }))
const project = join(place, 'project')

// A manager without services, whose engine reads a stack file as $place/config does.
const bin = join(place, 'bin')
mkdirSync(bin)
installTools(
  bin,
  `case "$*" in
  'stack config '*) . '${place}/config' ;;
  'info '*) echo '{"state":"active","control":true,"error":null,"heartbeat":5000000000}' ;;
  'node ls '*) echo n1 ;;
  'node inspect '*) echo '{"id":"n1","hostname":"sw1","status":"ready","availability":"active","role":"manager","os":"linux","architecture":"x86_64","labels":{}}' ;;
esac
`,
)
const tools = readFileSync(new URL('../compose-host/tools/plugin.txt', import.meta.url), 'utf8')
const scripts = new Set<string>()

/** Runs the scripts in a shell of this machine, except the first one, which looks for docker. */
function serverOf([file = '', ...options]: readonly string[], docker: readonly string[]): Run {
  let asked = false
  return async ({ args, stdin }) => {
    if (!asked) {
      asked = true
      return {
        code: 0,
        stdout: tools.replace('=docker\n docker\n', `=docker\n ${docker.join('\n ')}\n`),
        stderr: '',
      }
    }
    const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: place, TMPDIR: place }
    const words = [...options, ...args]
    const input = typeof stdin === 'function' ? await buffer(stdin()) : stdin
    if (typeof input === 'string') scripts.add(input)
    const { status, stdout, stderr } = spawnSync(file, words, { input, encoding: 'utf8', env })
    return { code: status, stdout, stderr }
  }
}

interface Stack {
  readonly env?: string
  /** Variables that the deploy sets in the env file. */
  readonly settings?: Readonly<Record<string, string>>
  /** The stack file as it is written. */
  readonly file: string
  /** A shell script that prints what docker prints for it. */
  readonly config: string
}

async function preflight(
  shell: readonly string[],
  { env, settings = {}, file, config }: Stack,
  docker = ['docker'],
) {
  rmSync(project, { recursive: true, force: true })
  mkdirSync(project)
  if (env !== undefined) writeFileSync(join(project, '.env'), env)
  writeFileSync(join(project, 'stack.yml'), file)
  writeFileSync(join(place, 'config'), config)
  const plan = {
    projectDirectory: project,
    composeFiles: ['stack.yml'],
    services: ['web'],
    swarm: { stack: 'shop', usesJobLogin: false },
    payload: {
      files: [],
      settings: Object.entries(settings).map(([name, value]) => ({ name, value })),
      envFile: '.env',
      hooks: noHooks,
    },
  }
  return await preflightSwarm({ run: serverOf(shell, docker) }, plan as never, undefined, {} as never)
}

const printing = (yaml: string): string => `cat <<'YAML'\n${yaml}YAML\n`

for (const shell of shells)
  suite(`preflight of a stack, in ${shell.join(' ')}:`, () => {
    test('the images of all its services are known, as docker looks them up', async () => {
      const yaml = 'services:\n  web: {image: "ghcr.io/o/web:1"}\n  worker: {image: "ghcr.io/o/worker:1"}\n'
      const { facts } = await preflight(shell, { file: yaml, config: printing(yaml) })
      assert.deepEqual(facts?.swarm?.images, ['ghcr.io/o/web:1', 'ghcr.io/o/worker:1'])
    })

    for (const docker of [['docker'], ['sudo', '-n', 'docker']])
      test(`docker gets variables with the names of the script's own, by ${docker[0]}`, async () => {
        const yaml = 'services:\n  web: {image: "ghcr.io/o/web:1"}\n'
        const stack = { file: yaml, config: printing(yaml) }
        if (scripts.size === 0) await preflight(shell, stack)
        const variables = variablesOf([...scripts].join('\n'))
        for (const name of ['files', 'name', 'code', 'output', 'bounded']) assert.ok(name in variables, name)
        const { findings } = await preflight(shell, { ...stack, env: envFile(variables) }, docker)
        // Without a release, preflight is for a rollback, and there is no history.
        assert.deepEqual(
          findings.problems.map(({ input }) => input),
          ['rollback-to'],
        )
        assert.deepEqual(received(bin, variables), variables)
      })

    test('docker gets variables of the run with such names, from a staged copy', async () => {
      const yaml = 'services:\n  web: {image: "ghcr.io/o/web:1"}\n'
      const settings = { name: 'shop', limit: '50M', files: 'a', run: 'b', shadow: 'c', settings_file: 'd' }
      const { facts } = await preflight(shell, { file: yaml, config: printing(yaml), settings })
      assert.deepEqual(received(bin, settings), settings)
      assert.equal(facts?.project.settings?.length, 6)
    })

    test('variables without a value, and those that docker reads itself, are warned about', async () => {
      const file = `services:
  web:
    image: ghcr.io/o/web:\${DOCKER_TAG}
    hostname: \${DOCKER_HOST:-none}-\${UNSET}-$DOCKER_CONTEXT
`
      const env = 'DOCKER_TAG=1\nDOCKER_HOST=h\nDOCKER_CONTEXT=c\nDOCKER_CONFIG=/x\n'
      const config = printing('services:\n  web: {image: "ghcr.io/o/web:1", healthcheck: {test: [CMD, x]}}\n')
      const { findings } = await preflight(shell, { env, file, config })
      assert.deepEqual(
        findings.warnings.filter(text => text.includes('stack file')),
        [
          'The stack file uses `DOCKER_HOST`, `DOCKER_CONTEXT`. Docker or the shell of the server uses such a name itself, so Slipway does not pass on the value in `.env`: use another name.',
          'The stack file uses `UNSET`, which `.env` does not set: Swarm substitutes an empty string without an error.',
        ],
      )
    })

    test('an error of docker is shown without the values of the env file', async () => {
      const env =
        'DB_PASSWORD=hunter2-Secret\nOTHER="hunter2 \\"other\\"" # remark\nTHIRD=\'hunter2"third\'\n'
      const config = `printf '%s\\n' "services.web.deploy.replicas: strconv.Atoi: parsing \\"$DB_PASSWORD\\": invalid syntax" \\
  "web: $DB_PASSWORD is not a number" 'parsing "hunter2 \\"other\\"": "hunter2\\"third" is not one' >&2
exit 1
`
      const { findings } = await preflight(shell, { env, file: 'services: {}\n', config })
      const [problem] = findings.problems
      assert.match(problem?.cause ?? '', /`docker stack config` failed/)
      assert.deepEqual(problem?.output?.split('\n'), [
        'services.web.deploy.replicas: strconv.Atoi: parsing "…": invalid syntax',
        'web: … is not a number',
        'parsing "…": "…" is not one',
      ])
      assert.ok(!JSON.stringify(findings).includes('hunter2'))
    })
  })
