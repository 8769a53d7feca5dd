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

/** The result of a run on the server. */
export interface Ran {
  readonly verdict: Verdict | undefined
  readonly log: string
  readonly run: string
  readonly status: number | null
}

/** A simulated server: a project directory, and an engine made of files (engine.sh). */
export interface Stand extends Disposable {
  readonly directory: string
  readonly engine: string
  readonly state: string
  /** Adds an image to the registry and the engine. `ends` is the state that its containers reach. Returns its ID. */
  image(name: string, ends?: string): string
  /** Returns the ID of an image, which need not exist. */
  imageOf(name: string): string
  tag(reference: string, name: string): void
  /** Gives an image the labels of Compose that `docker commit` copies from a container: `HASH/IMAGE`. */
  label(name: string, labels: string): void
  write(file: string, text: string): void
  read(file: string): string
  /** Lists the names in the project directory, without `.slipway`. */
  list(): readonly string[]
  /** Returns the properties of the containers of a service. */
  containers(service: string): readonly Readonly<Record<string, string>>[]
  /** Adds a container. Returns its ID. */
  container(service: string, of: Readonly<Record<string, string>>): string
  /** Changes a property of a container. */
  change(id: string, what: string, value: string): void
  /** Runs shell code once, at the first docker call that matches a pattern (in a stage). `$here` is the engine. */
  once(pattern: string, text: string, stage?: string): void
  /** Calls docker by hand. */
  docker(...args: readonly string[]): string
  calls(): readonly string[]
  /** Runs the transaction to its end. */
  deploy(parameters: Parameters, options?: Options): Ran
  /** Runs the transaction with this stdin. */
  run(input: string, options?: Options): Ran
  /** Runs shell code with the functions of the transaction. */
  call(text: string, options?: Options): Ran
}

export interface Options {
  readonly shell?: readonly string[]
  readonly id?: string
  /** Shell code before `main`, which may replace functions and tools. */
  readonly before?: string
  /** Files in the directory of the run when it starts. */
  readonly files?: Readonly<Record<string, string>>
}

const repository = 'reg.example/app'
/** Returns the ID of an image on the engine. Its digest in the registry is another one. */
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

/** Returns a script that runs a text after it has started a run. For a run that settles it, it is the usual script. */
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

/** Renders the order of a test as src/deploy/order.ts does. */
function textOf(parameters: Parameters): string {
  const all = (name: string) => parameters.flatMap(([key, value]) => (key === name ? [value] : []))
  const last = (name: string) => all(name).at(-1)
  const change = changeOf(all, last)
  const own = new Set(['env-set', 'check-url', 'check-limit', 'on-lost'])
  const assigned = (saved: boolean) =>
    assignments(
      Object.fromEntries(
        [...new Set(parameters.map(([key]) => key))]
          .filter(key => !notVariables.test(key) && own.has(key) !== saved)
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
  const settings = `${assigned(true)}\n${derived}`
  const after = last('after')
  if (last('mode') === 'settle') return settleTextOf(settings, after ?? '')
  return `${settings}\n\n${[assigned(false), renderPlan(planOf(change))].filter(Boolean).join('\n')}\n\n\nend\n`
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

/** A pattern for {@link Stand.once}: the call that inspects the containers of all services. */
export const look = "*'{{.RestartCount}}'*"

/** Code for {@link Stand.once}: kills the transaction, and ends the docker call. */
export const cut = 'kill -9 "$(cat "$here/pid")"; exit 137'

/** Returns the parameter for a service: its image, and how it is declared. */
export const service = (
  name: string,
  image: string,
  { reference = `${repository}:latest`, replicas = 1, kind = '-', grace = 10 } = {},
): readonly [string, string] => [
  'service',
  [name, reference, image === '-' ? '-' : digestOf(image), replicas, kind, grace].join(' '),
]
