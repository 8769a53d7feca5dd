import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Dependency } from '../../../../src/compose/dependencies.ts'
import { assignments, settleTextOf } from '../../../../src/deploy/order.ts'
import { transactionScript } from '../../../../src/deploy/script.ts'
import { type Change, planOf, renderPlan, undoOf } from '../../../../src/deploy/steps.ts'
import { parseVerdict, type Verdict } from '../../../../src/deploy/verdict.ts'
import type { ServiceHook } from '../../../../src/payload/hooks.ts'
import { quote } from '../../../../src/ssh/remote-command.ts'

export type Parameters = readonly (readonly [name: string, value: string])[]

/** How a run on the server went. */
export interface Ran {
  readonly verdict: Verdict | undefined
  readonly log: string
  readonly run: string
  readonly status: number | null
}

/** A server of files: a project's directory, and an engine of our own (engine.sh) beside it. */
export interface Stand extends Disposable {
  readonly directory: string
  readonly engine: string
  readonly state: string
  /** The image of the registry that a digest names, on the engine with it. */
  image(name: string, ends?: string): string
  /** Its name there, whether it is there or not. */
  imageOf(name: string): string
  tag(reference: string, name: string): void
  /** Labels of Compose's that an image has of the container that it was made from: `HASH/IMAGE`. */
  label(name: string, labels: string): void
  write(file: string, text: string): void
  read(file: string): string
  /** The names in the project's directory, but for our own. */
  list(): readonly string[]
  /** What the containers of a service are like. */
  containers(service: string): readonly Readonly<Record<string, string>>[]
  /** A container that is there before. */
  container(service: string, of: Readonly<Record<string, string>>): string
  /** Something about a container comes to be otherwise. */
  change(id: string, what: string, value: string): void
  /** What happens once, at the first call that is like a pattern (in a stage): shell, in which `$here` is the engine. */
  once(pattern: string, text: string, stage?: string): void
  /** Calls docker by hand. */
  docker(...args: readonly string[]): string
  calls(): readonly string[]
  /** Runs the transaction to its end. */
  deploy(parameters: Parameters, options?: Options): Ran
  /** The same, told what is written to its stdin. */
  run(input: string, options?: Options): Ran
  /** Runs a text with the rooms of the transaction. */
  call(text: string, options?: Options): Ran
}

export interface Options {
  readonly shell?: readonly string[]
  readonly id?: string
  /** Text in front of `main`: what stands for a tool of the server. */
  readonly before?: string
  /** Files of the run that are there when it begins. */
  readonly files?: Readonly<Record<string, string>>
}

const repository = 'reg.example/app'
/** What the engine calls the image, and what it is pushed as. */
const idOf = (name: string): string => `sha256:${Buffer.from(name).toString('hex').padEnd(64, '0')}`
export const digestOf = (name: string): string => `${repository}@${idOf(`${name} as pushed`)}`

let last = 0

export function openStand(): Stand {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-stand-'))
  const engine = mkdtempSync(join(tmpdir(), 'slipway-engine-'))
  const state = `${directory}/.slipway/test`
  for (const name of ['images', 'registry', 'tags', 'containers', 'behave', 'labels'])
    mkdirSync(join(engine, name))
  copyFileSync(fileURLToPath(new URL('engine.sh', import.meta.url)), join(engine, 'docker'))
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(directory, file)), { recursive: true })
    writeFileSync(join(directory, file), text)
  }
  const run = (text: string, input: string, { shell = ['dash'], files = {}, id }: Options): Ran => {
    last += 1
    const name = id ?? `run${last}`
    for (const [file, content] of Object.entries({ ...files, script: text }))
      write(`.slipway/test/runs/${name}/${file}`, content)
    const place = `${state}/runs/${name}`
    const [program = '', ...args] = shell
    const noting = ['-c', 'echo $$ >"$0/pid"; exec "$@"', engine]
    const { status, stdout, stderr } = spawnSync(
      'sh',
      [...noting, program, ...args, `${place}/script`, 'run'],
      {
        input,
        encoding: 'utf8',
        cwd: directory,
      },
    )
    const verdict = existsSync(`${place}/verdict`) ? readFileSync(`${place}/verdict`, 'utf8') : ''
    return { verdict: parseVerdict(verdict.trimEnd().split('\n')), log: stdout + stderr, run: place, status }
  }
  const stand: Stand = {
    directory,
    engine,
    state,
    label: (name, labels) => writeFileSync(join(engine, 'labels', idOf(name)), `${labels}\n`),
    write,
    read: file => readFileSync(join(directory, file), 'utf8'),
    list: () =>
      readdirSync(directory)
        .filter(name => name !== '.slipway')
        .sort(),
    image(name, ends) {
      for (const place of ['images', 'registry'])
        writeFileSync(join(engine, place, idOf(name)), `${digestOf(name)}\n`)
      if (ends !== undefined) writeFileSync(join(engine, 'behave', idOf(name)), `${ends}\n`)
      return idOf(name)
    },
    imageOf: idOf,
    tag: (reference, name) =>
      writeFileSync(join(engine, 'tags', reference.replaceAll('/', '%')), `${idOf(name)}\n`),
    containers: service =>
      readdirSync(join(engine, 'containers'))
        .map(id => {
          const place = join(engine, 'containers', id)
          const read = (name: string) => [name, readFileSync(join(place, name), 'utf8').trimEnd()] as const
          return { id, ...Object.fromEntries(readdirSync(place).map(read)) } as Record<string, string>
        })
        .filter(each => each['service'] === service),
    container(service, of) {
      last += 1
      const id = (of['id'] ?? (0xabc0000 + last).toString(16)).padEnd(64, '0')
      mkdirSync(join(engine, 'containers', id))
      const all = {
        service,
        name: `test-${service}-1`,
        status: 'running',
        exit: '0',
        policy: 'unless-stopped',
        hash: 'before',
        'made-from': 'before',
        networks: 'app/net1/web',
        grace: '10',
        started: 'before',
        ...of,
      }
      for (const [name, value] of Object.entries(all))
        if (name !== 'id') writeFileSync(join(engine, 'containers', id, name), `${value}\n`)
      return id
    },
    change: (id, what, value) => writeFileSync(join(engine, 'containers', id, what), `${value}\n`),
    once(pattern, text, stage) {
      rmSync(join(engine, 'done'), { force: true })
      const here = stage === undefined ? '' : ` || [ "$(cat ${state}/record/stage)" != ${stage} ]`
      writeFileSync(
        join(engine, 'on'),
        `case "$*" in ${pattern}) [ -e "$here/done" ]${here} || { : >"$here/done"; ${text}; } ;; esac\n`,
      )
    },
    docker: (...args) => spawnSync(join(engine, 'docker'), args, { encoding: 'utf8', cwd: directory }).stdout,
    calls: () => readFileSync(join(engine, 'calls'), 'utf8').trimEnd().split('\n'),
    deploy: (parameters, options = {}) => {
      const input = textOf([...base(directory, engine), ...parameters])
      return run(`${parts}${options.before ?? ''}main "$@"\n`, input, options)
    },
    run: (input, options = {}) => run(transactionScript, input, options),
    call: (text, options = {}) => run(calling(directory, engine, text), '', options),
    [Symbol.dispose]() {
      for (const place of [directory, engine]) rmSync(place, { recursive: true, force: true })
    },
  }
  stand.write('compose.yaml', `web ${repository}:latest 1 unless-stopped\n`)
  return stand
}

const parts = transactionScript.replace(/main "\$@"\n$/, '')

/** A script that runs a text where it has read its order and begun, and is the usual one for whoever settles it. */
function calling(directory: string, engine: string, text: string): string {
  const settings = assignments({
    directory,
    project: 'test',
    docker_words: [`${engine}/docker`],
    compose_words: [`${engine}/docker`, 'compose'],
    read_files: [`${directory}/compose.yaml`],
    wait_timeout: '3',
    stability: '0',
    engine_timeout: '2',
    undo: undoOf(planOf(changeOf(none, () => undefined))).join(' '),
  })
  const run = `${settings}\nsettings=${quote(`${settings}\n`)}\nbegin_run require_reserve\n${text}`
  return `${parts}\nif [ "$1" != run ]; then main "$@"; exit; fi\n${run}\n`
}

const none = (): string[] => []

const base = (directory: string, engine: string): Parameters => [
  ['directory', directory],
  ['project', 'test'],
  ['docker', `${engine}/docker`],
  ['compose', `${engine}/docker`],
  ['compose', 'compose'],
  ['compose-version', '2.40.3'],
  ['read-file', `${directory}/compose.yaml`],
  ['wait-timeout', '3'],
  ['stability', '0'],
  ['lock-timeout', '5'],
  ['engine-timeout', '5'],
  ['url', 'https://github.example/octo/app/actions/runs/1'],
  ['by', 'octocat'],
]

const variables: Readonly<Record<string, string>> = {
  docker: 'docker_words',
  compose: 'compose_words',
  'compose-file': 'compose_files',
  'read-file': 'read_files',
  'compose-env-file': 'compose_env_files',
  'part-file': 'part_files',
  service: 'services',
  platform: 'platforms',
  relay: 'relay_ports',
  'env-set': 'env_set',
}
const lists = new Set(Object.values(variables))

/** The order, as src/deploy/order.ts writes it, of what a test says. */
function textOf(parameters: Parameters): string {
  const all = (name: string) => parameters.flatMap(([key, value]) => (key === name ? [value] : []))
  const last = (name: string) => all(name).at(-1)
  const change = changeOf(all, last)
  const own = new Set(['env-set', 'check-url', 'check-limit', 'on-lost'])
  const told = (kept: boolean) =>
    assignments(
      Object.fromEntries(
        [...new Set(parameters.map(([key]) => key))]
          .filter(key => !notVariables.test(key) && own.has(key) !== kept)
          .map(key => {
            const name = variables[key] ?? key.replaceAll('-', '_')
            return [name, lists.has(name) ? all(key) : (last(key) ?? '')]
          }),
      ),
    )
  const [, major = '2', minor = '40'] = /^(\d+)\.(\d+)/.exec(last('compose-version') ?? '') ?? []
  const { needs } = change.payload ?? {}
  const derived = assignments({
    compose_major: major,
    compose_minor: minor,
    dependencies: (needs?.dependencies ?? []).map(({ name }) => name).join(' '),
    waves: (needs?.waves.length ?? 0) > 0 ? 'yes' : '',
    undo: undoOf(planOf(change)).join(' '),
  })
  const settings = `${told(true)}\n${derived}`
  const after = last('after')
  if (last('mode') === 'settle') return settleTextOf(settings, after ?? '')
  return `${settings}\n\n${[told(false), renderPlan(planOf(change))].filter(Boolean).join('\n')}\n\n\nend\n`
}

const notVariables = /^(?:mode|after|compose-version|dependency|wave|allow-older|(?:run|exec|host)-.*)$/

function changeOf(all: (name: string) => string[], last: (name: string) => string | undefined): Change {
  const hooks = (name: string): ServiceHook[] =>
    all(name).map(text => {
      const [service = '', ...args] = text.split('\u001f')
      const at = args.indexOf(service)
      return at < 0
        ? { service, options: [], command: args }
        : { service, options: args.slice(0, at), command: args.slice(at + 1) }
    })
  const need = (text: string, separator: string): Dependency => {
    const [name = '', condition = 'started', image] = text.split(separator)
    return { name, condition: condition as Dependency['condition'], image, platform: undefined }
  }
  const relayed = all('relay').map(text => text.split(' ')[0] ?? '')
  return {
    services: all('service').map(text => ({ name: text.split(' ')[0] ?? '' })),
    plan: { rollbackTo: last('rollback-to') },
    facts: { strategies: relayed.map(name => ({ name, strategy: 'relay', ports: [] })) },
    payload: {
      plan: {
        allowOlder: last('allow-older') === 'true',
        hooks: {
          hostBefore: all('host-before'),
          runBefore: hooks('run-before'),
          execBefore: hooks('exec-before'),
          runAfter: hooks('run-after'),
          execAfter: hooks('exec-after'),
          hostAfter: all('host-after'),
          timeout: 600,
        },
      },
      needs: {
        dependencies: all('dependency').map(text => need(text, ' ')),
        waves: all('wave').map(wave => wave.split(' ').map(text => need(text, '='))),
      },
      check: last('check-limit') === undefined ? undefined : {},
    },
  }
}

/** For {@link Stand.once}: a look at the containers of all services. */
export const look = "*'{{.RestartCount}}'*"

/** For {@link Stand.once}: the transaction is killed there, and what it called ends with it. */
export const cut = 'kill -9 "$(cat "$here/pid")"; exit 137'

/** A service of the order: what is deployed, and how it is declared. */
export const service = (
  name: string,
  image: string,
  { reference = `${repository}:latest`, replicas = 1, kind = '-', grace = 10 } = {},
): readonly [string, string] => [
  'service',
  [name, reference, image === '-' ? '-' : digestOf(image), replicas, kind, grace].join(' '),
]
