/**
 * The whole of it on one bare machine: a small service is built for two platforms, pushed, and deployed to a server
 * by the committed action, then changed and deployed again. `npm run demo`.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Rig, rig, type Server } from './rig/rig.ts'
import { asRoot } from './rig/root.ts'
import { runAction } from './rig/runner.ts'
import { ownTemporaryDirectory } from './rig/temporary.ts'

const example = join(import.meta.dirname, 'example')
const projectDirectory = '/srv/hello'

const started = performance.now()
const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`
const say = (line = ''): void => {
  process.stdout.write(`${line}\n`)
}
const chapter = (title: string): void => say(`\n[${seconds(performance.now() - started)}] ${title}`)

/** What the owner of a server does once: a directory, a compose file, and where the images come from. */
async function settle(server: Server, { registry }: Rig): Promise<void> {
  const write = async (name: string, text: string): Promise<void> => {
    const command = `mkdir -p ${projectDirectory} && cat >${projectDirectory}/${name} && chown -R deploy: ${projectDirectory}`
    const ended = await server.exec(command, { stdin: text })
    if (ended.code !== 0) throw new Error(ended.stderr)
  }
  await write('compose.yaml', readFileSync(join(example, 'compose.yaml'), 'utf8'))
  await write('.env', `REGISTRY=${registry.host}\n`)
}

/** One run of the action, as a workflow's step would run it. */
async function ship(workspace: string, server: Server, all: Rig): Promise<void> {
  const { runner, registry, base } = all
  const { reference, platforms } = await base()
  const inputs = {
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
  }
  const secrets = [registry.password, server.access.key.text]
  const onLine = (line: string): void => say(`    ${line}`)
  const run = await runAction({ with: inputs, env: runner.env, workspace, secrets, onLine })
  if (run.conclusion !== 'success') throw new Error(`the action ended with ${run.conclusion}`)
  say(`  took ${seconds(run.durations.main + run.durations.post)}`)
  for (const name of ['image', 'deployed', 'previous']) say(`  ${name}: ${run.outputs[name] || '(nothing)'}`)
  say(`  platforms in the registry: ${await platformsOf(run.outputs['image'] ?? '', all)}`)
}

/** The platforms of a pushed image, as its index in the registry names them. */
async function platformsOf(image: string, { registry }: Rig): Promise<string> {
  const [repository = '', digest = ''] = image.replace(`${registry.host}/`, '').split('@')
  const login = Buffer.from(`${registry.username}:${registry.password}`).toString('base64')
  const headers = { authorization: `Basic ${login}`, accept: 'application/vnd.oci.image.index.v1+json' }
  const index = await fetch(`${registry.url}/v2/${repository}/manifests/${digest}`, { headers })
  const { manifests } = (await index.json()) as {
    manifests: { platform: { os: string; architecture: string } }[]
  }
  const names = manifests.map(({ platform: { os, architecture } }) => `${os}/${architecture}`)
  // A build's provenance stands beside each image, for no platform.
  return names.filter(name => !name.startsWith('unknown')).join(' ')
}

/** What a visitor of the service gets to see. */
async function show(server: Server): Promise<void> {
  const page = await fetch(`http://${server.address}:8080/`).then(
    response => response.text(),
    () => 'nothing answers\n',
  )
  say(`  http://${server.address}:8080/`)
  say(page.trimEnd().replace(/^/gm, '  | '))
}

async function story(all: Rig, server: Server, workspace: string): Promise<void> {
  await settle(server, all)
  chapter('Before')
  await show(server)
  chapter('First deploy: build for amd64 and arm64, push, deploy')
  await ship(workspace, server, all)
  await show(server)
  chapter('The service is changed, and deployed again')
  const page = join(workspace, 'page/index.html')
  writeFileSync(page, readFileSync(page, 'utf8').replace('Hello', 'Hello again'))
  await ship(workspace, server, all)
  await show(server)
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
    await story(all, server, workspace)
  } finally {
    rmSync(workspace, { recursive: true })
    await server.remove()
  }
  chapter("Done. The demo's server is gone; the rig is kept for the tests: `npm run rig:down` takes it down.")
}

await asRoot(async () => {
  ownTemporaryDirectory()
  await demo()
})
