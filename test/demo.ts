/**
 * Shows on one bare machine what Slipway does, and why: a first deploy, an update under load, a broken release that is
 * rolled back, a connection that is cut in the middle, and a refusal before the build. `npm run demo`.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sendVisitors } from './bench/visitors.ts'
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
const chapter = (title: string): void => say(`\n[${seconds(performance.now() - started)}] ${title}`)

/** Where the story plays: a repository on this machine, and a server. */
interface Stage {
  readonly rig: Rig
  readonly server: Server
  readonly workspace: string
}

/** Does what the owner of a server does once: a directory, a compose file, and where the images come from. */
async function prepareServer({ server, rig: { registry } }: Stage): Promise<void> {
  const write = async (name: string, text: string): Promise<void> => {
    const command = `mkdir -p ${projectDirectory} && cat >${projectDirectory}/${name} && chown -R deploy: ${projectDirectory}`
    const ended = await server.exec(command, { stdin: text })
    if (ended.code !== 0) throw new Error(ended.stderr)
  }
  await write('compose.yaml', readFileSync(join(example, 'compose.yaml'), 'utf8'))
  await write('.env', `REGISTRY=${registry.host}\n`)
}

let runs = 0

/** Each run is that of a commit and a number of its own, as on GitHub. */
function nextRun(): Readonly<Record<string, string>> {
  runs += 1
  return { sha: String(runs).repeat(40), run_number: String(runs), run_id: String(3000 + runs) }
}

/** Runs the action as a workflow's step would, and shows its log. */
async function run(
  { rig: { runner, registry, base }, server, workspace }: Stage,
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
      // What BuildKit prints is long, and the same everywhere.
      if (!/^#\d+ /.test(line) && line.trim() !== '') say(`    ${line}`)
      onLine(line, action)
    },
  })
  say(
    `  The job is ${ended.conclusion === 'success' ? 'green' : 'red'} after ${seconds(ended.durations.main)}.`,
  )
  return ended
}

/** Fails the demo when a run does not end as it should: what is shown has to be true. */
function expect(ended: ActionRun, conclusion: ActionRun['conclusion']): void {
  if (ended.conclusion !== conclusion) throw new Error(`the run ended with ${ended.conclusion}`)
}

const titleOf = (page: string): string => /<h1>(.*?)<\/h1>/.exec(page)?.[1] ?? page

const serves = async ({ server }: Stage): Promise<string> =>
  titleOf(await fetch(`http://${server.address}:8080/`).then(answer => answer.text()))

function edit({ workspace }: Stage, file: string, change: (text: string) => string): void {
  const path = join(workspace, file)
  writeFileSync(path, change(readFileSync(path, 'utf8')))
}

const setTitle = (stage: Stage, title: string): void =>
  edit(stage, 'page/index.html', text => text.replace(/<h1>.*?<\/h1>/, `<h1>${title}</h1>`))

/** Runs the action while visitors ask for the page every 5 ms; says what they met. */
async function underLoad(stage: Stage, work: () => Promise<ActionRun>): Promise<ActionRun> {
  const visitors = sendVisitors(stage.server.address, 8080)
  const ended = await work()
  const { made, failed, gap } = await visitors.stop()
  say(`  ${made} requests while it ran: ${failed} failed; the longest gap was ${seconds(gap)}.`)
  say(`  http://${stage.server.address}:8080/ now says: ${await serves(stage)}`)
  return ended
}

async function story(stage: Stage): Promise<void> {
  await prepareServer(stage)
  chapter('First deploy: build for amd64 and arm64, push, deploy')
  expect(await run(stage), 'success')
  say(`  http://${stage.server.address}:8080/ says: ${await serves(stage)}`)

  chapter('An update by `strategy: relay`, while visitors ask for the page every 5 ms')
  setTitle(stage, 'Second release')
  expect(await underLoad(stage, () => run(stage, { strategy: 'relay', drain: '2s' })), 'success')

  chapter('A release that crashes: Slipway tries it beside the running one, which is not touched')
  setTitle(stage, 'Third release')
  edit(stage, 'Dockerfile', text => text.replace(/^CMD .*/m, 'CMD ["sh", "-c", "echo no database; exit 1"]'))
  const broken = await underLoad(stage, () => run(stage, { strategy: 'relay' }))
  expect(broken, 'failure')
  say('  The job summary:')
  say(broken.summary.trimEnd().replace(/^/gm, '  | '))

  chapter('The connection is cut in the middle of an ordinary deploy: the server goes on by itself')
  edit(stage, 'Dockerfile', text =>
    text.replace(/^CMD .*/m, 'CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]'),
  )
  let cut = false
  const survived = await underLoad(stage, () =>
    run(stage, {}, line => {
      if (cut || !line.includes('Container hello-web-1')) return
      cut = true
      say('    ✂ every SSH session is killed')
      void stage.server.killSshd('sessions')
    }),
  )
  expect(survived, 'success')
  if (!cut) throw new Error('the connection was never cut')

  chapter('A misspelled service: refused before anything is built')
  expect(await run(stage, { service: 'wbe' }), 'failure')
}

async function demo(): Promise<void> {
  chapter(
    'The rig: an engine for the runner, a registry with a login, a server with an engine and sshd of its own',
  )
  const all = await rig({ say: line => say(`  ${line}`) })
  const [server] = await Promise.all([all.server({ name: 'demo' }), all.emulator(), all.base()])
  const workspace = mkdtempSync(join(tmpdir(), 'slipway-demo-'))
  try {
    cpSync(example, workspace, { recursive: true })
    await story({ rig: all, server, workspace })
  } finally {
    rmSync(workspace, { recursive: true })
    await server.remove()
  }
  chapter("Done. The demo's server is gone; the rig stays for the tests: `npm run rig:down` takes it down.")
}

await asRoot(async () => {
  ownTemporaryDirectory()
  await demo()
})
