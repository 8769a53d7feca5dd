import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attempt, type Ended } from '../rig/command.ts'
import type { Server } from '../rig/rig.ts'
import { type Environment, makeRepository, runWorkflow, type WorkflowRun } from './environment.ts'
import { type ReadmeBlocks, readBlocks } from './readme-blocks.ts'
import { dockerfile } from './recipe-cases.ts'
import { rewrite } from './rewrite.ts'

export interface ReadmeResult {
  readonly seconds: number
  readonly problems: readonly string[]
  readonly log: string
}

const port = 20_999

/** Follows the README's steps in order, as a reader with root on a fresh server and a repository on GitHub. */
export async function followReadme(environment: Environment): Promise<ReadmeResult> {
  const blocks = readBlocks(readFileSync('README.md', 'utf8'))
  const server = await environment.rig.server({ name: 'newcomer' })
  const home = mkdtempSync(join(tmpdir(), 'slipway-newcomer-'))
  const began = performance.now()
  try {
    await server.exec('userdel --remove deploy; rm -rf /srv/app')
    const first = await runCommands(blocks.commands, home, server)
    // Runs the commands twice, because they must be safe to run again.
    const setUp = first.code === 0 ? await runCommands(blocks.commands, home, server) : first
    const run =
      setUp.code === 0 ? await push(blocks, recordedSettings(home), { ...environment, server }) : undefined
    const problems = run === undefined ? ['the set-up failed'] : await findProblems(run, server)
    const log = `${setUp.stdout}${setUp.stderr}${run?.log ?? ''}`
    return { seconds: (performance.now() - began) / 1000, problems, log }
  } finally {
    rmSync(home, { recursive: true })
    await server.remove()
  }
}

/** The secrets and variables of the repository, by name. */
type Settings = Readonly<Record<'secret' | 'variable', Readonly<Record<string, string>>>>

/**
 * A fake of GitHub's command line that names the repository, and stores the value that the README passes on stdin or
 * with `--body`.
 */
const gh = `#!/bin/sh
kind=$1 name=$3
[ "$kind" != repo ] || { echo octo/newcomer; exit; }
mkdir -p "$HOME/settings/$kind"
if [ "$4" = --body ]; then printf %s "$5"; else cat; fi >"$HOME/settings/$kind/$name"
`

/** Runs the commands in a shell whose user has root on the server and already knows its host key. */
async function runCommands(commands: string, home: string, server: Server): Promise<Ended> {
  mkdirSync(join(home, 'bin'), { recursive: true })
  writeFileSync(join(home, 'bin/gh'), gh)
  chmodSync(join(home, 'bin/gh'), 0o755)
  writeFileSync(join(home, 'known_hosts'), server.knownHosts)
  const config = `Host *\n  UserKnownHostsFile ${home}/known_hosts\n  StrictHostKeyChecking yes\n  BatchMode yes\n`
  writeFileSync(join(home, 'config'), `${config}Match user root\n  IdentityFile ${server.access.key.file}\n`)
  // ssh reads its files from the home directory of the account and ignores HOME.
  for (const tool of ['ssh', 'scp']) {
    writeFileSync(join(home, 'bin', tool), `#!/bin/sh\nexec /usr/bin/${tool} -F "${home}/config" "$@"\n`)
    chmodSync(join(home, 'bin', tool), 0o755)
  }
  const own = commands.replace('host=example.com', `host=${server.address}`)
  const env = { ...process.env, HOME: home, PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}` }
  return await attempt('bash', ['-e', '-c', own], { cwd: home, env, timeout: 60_000 })
}

function recordedSettings(home: string): Settings {
  const read = (kind: string, name: string) => readFileSync(join(home, 'settings', kind, name), 'utf8')
  return {
    secret: { SSH_KEY: read('secret', 'SSH_KEY') },
    variable: { SSH_KNOWN_HOSTS: read('variable', 'SSH_KNOWN_HOSTS') },
  }
}

async function push(
  { workflow, compose }: ReadmeBlocks,
  { secret, variable }: Settings,
  environment: Environment,
): Promise<WorkflowRun> {
  const { registry } = environment.rig
  const own = compose
    .replace(/image: \S+/, `image: ${registry.host}/octo/newcomer:latest`)
    .replace("'80:8080'", `'${port}:8080'`)
  const replacements = {
    registry: registry.host,
    registries: {},
    image: 'octo/newcomer',
    host: environment.server.address,
    projectDirectory: '/srv/app',
    env: {},
    with: {},
  }
  const files = {
    Dockerfile: dockerfile(environment.base),
    page: 'hello\n',
    'compose.yaml': own,
    '.github/workflows/deploy.yml': rewrite(workflow, replacements),
  }
  const repository = await makeRepository(environment, 'newcomer', files, { page: 'hello, newcomer\n' })
  try {
    return await runWorkflow(environment, repository, {
      workflow: 'deploy.yml',
      event: 'push',
      payload: { ref: 'refs/heads/main', repository: { default_branch: 'main' } },
      actor: 'octo',
      secrets: { ...secret, REGISTRY_PASSWORD: registry.password },
      vars: { ...variable, REGISTRY_USERNAME: registry.username },
    })
  } finally {
    repository.remove()
  }
}

async function findProblems(run: WorkflowRun, server: Server): Promise<string[]> {
  const page = await fetch(`http://${server.address}:${port}/`).then(answer => answer.text(), String)
  return [
    ...(run.code === 0 ? [] : [`the workflow ended with ${run.code ?? 'a signal'}`]),
    ...(page === 'hello, newcomer\n' ? [] : [`the wrong page is served: ${page}`]),
  ]
}
