/**
 * Shows on one machine what Slipway does: a first deploy, an update under load, a broken release, a dropped connection
 * during a deploy, and an error that is reported before the build. `npm run demo`.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLoad } from './bench/load.ts'
import { type Rig, rig, type Server } from './rig/rig.ts'
import { asRoot } from './rig/root.ts'
import { type ActionRun, type RunningAction, runAction } from './rig/runner.ts'
import { ownTemporaryDirectory } from './rig/temporary.ts'

const example = join(import.meta.dirname, '../.github/example')
const projectDirectory = '/srv/hello'

const started = performance.now()
const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`
const say = (line = ''): void => {
  process.stdout.write(`${line}\n`)
}
const heading = (title: string): void => say(`\n[${seconds(performance.now() - started)}] ${title}`)

/** The environment of the demo: a repository on this machine, and a server. */
interface Environment {
  readonly rig: Rig
  readonly server: Server
  readonly workspace: string
}

/**
 * Creates the project on the server, as its owner does once: a directory, a compose file, and the registry in `.env`.
 */
async function prepareServer({ server, rig: { registry } }: Environment): Promise<void> {
  const write = async (name: string, text: string): Promise<void> => {
    const command = `mkdir -p ${projectDirectory} && cat >${projectDirectory}/${name} && chown -R deploy: ${projectDirectory}`
    const ended = await server.exec(command, { stdin: text })
    if (ended.code !== 0) throw new Error(ended.stderr)
  }
  await write('compose.yaml', readFileSync(join(example, 'compose.yaml'), 'utf8'))
  await write('.env', `REGISTRY=${registry.host}\n`)
}

let runs = 0

/** Returns the context of the next run: each has its own commit and number, as on GitHub. */
function nextRun(): Readonly<Record<string, string>> {
  runs += 1
  return { sha: String(runs).repeat(40), run_number: String(runs), run_id: String(3000 + runs) }
}

/** Runs the action like a workflow step, and prints its log. */
async function run(
  { rig: { runner, registry, base }, server, workspace }: Environment,
  inputs: Readonly<Record<string, string>> = {},
  onLine: (line: string, action: RunningAction) => void = () => undefined,
): Promise<ActionRun> {
  const { reference, platforms } = await base()
  const ended = await runAction({
    with: {
      image: `${registry.host}/octo/hello`,
      tags: 'latest',
      'build-args': `BASE=${reference}`,
      platforms,
      'registry-username': registry.username,
      'registry-password': registry.password,
      'ssh-host': `deploy@${server.address}`,
      'ssh-key': server.access.key.text,
      'ssh-known-hosts': server.knownHosts,
      'project-directory': projectDirectory,
      service: 'web',
      stability: '3',
      ...inputs,
    },
    env: runner.env,
    github: nextRun(),
    workspace,
    secrets: [registry.password, server.access.key.text],
    onLine(line, action) {
      // Omits the output of BuildKit, which is long and not specific to Slipway.
      if (!/^#\d+ /.test(line) && line.trim() !== '') say(`    ${line}`)
      onLine(line, action)
    },
  })
  say(
    `  The job is ${ended.conclusion === 'success' ? 'green' : 'red'} after ${seconds(ended.durations.main)}.`,
  )
  return ended
}

/** Fails the demo if a run does not end as expected. */
function expect(ended: ActionRun, conclusion: ActionRun['conclusion']): void {
  if (ended.conclusion !== conclusion) throw new Error(`the run ended with ${ended.conclusion}`)
}

const titleOf = (page: string): string => /<h1>(.*?)<\/h1>/.exec(page)?.[1] ?? page

const servedTitle = async ({ server }: Environment): Promise<string> =>
  titleOf(await fetch(`http://${server.address}:8080/`).then(answer => answer.text()))

function edit({ workspace }: Environment, file: string, change: (text: string) => string): void {
  const path = join(workspace, file)
  writeFileSync(path, change(readFileSync(path, 'utf8')))
}

const setTitle = (environment: Environment, title: string): void =>
  edit(environment, 'page/index.html', text => text.replace(/<h1>.*?<\/h1>/, `<h1>${title}</h1>`))

/** Runs the action while the page is requested every 5 ms, and prints the results of the requests. */
async function underLoad(environment: Environment, work: () => Promise<ActionRun>): Promise<ActionRun> {
  const load = startLoad(environment.server.address, 8080)
  const ended = await work()
  const { sent, failed, gap } = await load.stop()
  say(`  ${sent} requests during the run: ${failed} failed; the longest gap was ${seconds(gap)}.`)
  say(`  http://${environment.server.address}:8080/ now shows: ${await servedTitle(environment)}`)
  return ended
}

async function runDemo(environment: Environment): Promise<void> {
  await prepareServer(environment)
  heading('First deploy: build for amd64 and arm64, push, deploy')
  expect(await run(environment), 'success')
  say(`  http://${environment.server.address}:8080/ shows: ${await servedTitle(environment)}`)

  heading('An update with `strategy: relay`, while the page is requested every 5 ms')
  setTitle(environment, 'Second release')
  expect(await underLoad(environment, () => run(environment, { strategy: 'relay', drain: '2s' })), 'success')

  heading('A release that crashes: Slipway tries it next to the running one, which keeps running')
  setTitle(environment, 'Third release')
  edit(environment, 'Dockerfile', text =>
    text.replace(/^CMD .*/m, 'CMD ["sh", "-c", "echo no database; exit 1"]'),
  )
  const broken = await underLoad(environment, () => run(environment, { strategy: 'relay' }))
  expect(broken, 'failure')
  say('  The job summary:')
  say(broken.summary.trimEnd().replace(/^/gm, '  | '))

  heading('The connection drops during a normal deploy: the server finishes on its own')
  edit(environment, 'Dockerfile', text =>
    text.replace(/^CMD .*/m, 'CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]'),
  )
  let cut = false
  const survived = await underLoad(environment, () =>
    run(environment, {}, line => {
      if (cut || !line.includes('Container hello-web-1')) return
      cut = true
      say('    ✂ every SSH session is killed')
      void environment.server.killSshd('sessions')
    }),
  )
  expect(survived, 'success')
  if (!cut) throw new Error('the connection did not drop')

  heading('A misspelled service: reported before anything is built')
  expect(await run(environment, { service: 'wbe' }), 'failure')
}

async function demo(): Promise<void> {
  heading('The rig: an engine for the runner, a registry with a login, a server with its own engine and sshd')
  const all = await rig({ say: line => say(`  ${line}`) })
  const [server] = await Promise.all([all.server({ name: 'demo' }), all.emulator(), all.base()])
  const workspace = mkdtempSync(join(tmpdir(), 'slipway-demo-'))
  try {
    cpSync(example, workspace, { recursive: true })
    await runDemo({ rig: all, server, workspace })
  } finally {
    rmSync(workspace, { recursive: true })
    await server.remove()
  }
  heading(
    "Done. The demo's server is removed. The rig stays up for the tests: `npm run rig:down` takes it down.",
  )
}

await asRoot(async () => {
  ownTemporaryDirectory()
  await demo()
})
