import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attempt, type Ended } from '../rig/command.ts'
import type { Server } from '../rig/rig.ts'
import { type Pasted, readPasted } from './pasted.ts'
import { dockerfile } from './rehearsals.ts'
import { rewrite } from './rewrite.ts'
import { makeRepository, type Ran, runWorkflow, type Stand } from './stand.ts'

export interface FirstMinutes {
  readonly seconds: number
  readonly wrong: readonly string[]
  readonly log: string
}

const port = 20_999

/** Does what the README says, in its order, as who has root on a fresh server and a repository on GitHub. */
export async function liveFirstMinutes(stand: Stand): Promise<FirstMinutes> {
  const pasted = readPasted(readFileSync('README.md', 'utf8'))
  const server = await stand.rig.server({ name: 'newcomer' })
  const home = mkdtempSync(join(tmpdir(), 'slipway-newcomer-'))
  const began = performance.now()
  try {
    await server.exec('userdel --remove deploy; rm -rf /srv/app')
    const once = await paste(pasted.commands, home, server)
    // Who is not sure does it again.
    const setUp = once.code === 0 ? await paste(pasted.commands, home, server) : once
    const ran = setUp.code === 0 ? await push(pasted, recorded(home), { ...stand, server }) : undefined
    const wrong = ran === undefined ? ['the set-up failed'] : await judge(ran, server)
    const log = `${setUp.stdout}${setUp.stderr}${ran?.log ?? ''}`
    return { seconds: (performance.now() - began) / 1000, wrong, log }
  } finally {
    rmSync(home, { recursive: true })
    await server.remove()
  }
}

/** Secrets and variables of the repository, by name. */
type Settings = Readonly<Record<'secret' | 'variable', Readonly<Record<string, string>>>>

/** Stands for GitHub's command line: keeps what is set, which the README gives by stdin or by `--body`. */
const gh = `#!/bin/sh
kind=$1 name=$3
mkdir -p "$HOME/settings/$kind"
if [ "$4" = --body ]; then printf %s "$5"; else cat; fi >"$HOME/settings/$kind/$name"
`

/** The commands, by a shell of who has root on the server and has been there before. */
async function paste(commands: string, home: string, server: Server): Promise<Ended> {
  mkdirSync(join(home, 'bin'), { recursive: true })
  writeFileSync(join(home, 'bin/gh'), gh)
  chmodSync(join(home, 'bin/gh'), 0o755)
  writeFileSync(join(home, 'known_hosts'), server.knownHosts)
  const config = `Host *\n  UserKnownHostsFile ${home}/known_hosts\n  StrictHostKeyChecking yes\n  BatchMode yes\n`
  writeFileSync(join(home, 'config'), `${config}Match user root\n  IdentityFile ${server.access.key.file}\n`)
  // ssh takes its files from the home of the account, whatever HOME says.
  for (const tool of ['ssh', 'scp']) {
    writeFileSync(join(home, 'bin', tool), `#!/bin/sh\nexec /usr/bin/${tool} -F "${home}/config" "$@"\n`)
    chmodSync(join(home, 'bin', tool), 0o755)
  }
  const own = commands.replace('host=example.com', `host=${server.address}`)
  const env = { ...process.env, HOME: home, PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}` }
  return await attempt('bash', ['-e', '-c', own], { cwd: home, env, timeout: 60_000 })
}

function recorded(home: string): Settings {
  const read = (kind: string, name: string) => readFileSync(join(home, 'settings', kind, name), 'utf8')
  return {
    secret: { SSH_KEY: read('secret', 'SSH_KEY') },
    variable: { SSH_KNOWN_HOSTS: read('variable', 'SSH_KNOWN_HOSTS') },
  }
}

async function push(
  { workflow, compose }: Pasted,
  { secret, variable }: Settings,
  stand: Stand,
): Promise<Ran> {
  const { registry } = stand.rig
  const own = compose
    .replace(/image: \S+/, `image: ${registry.host}/octo/newcomer:latest`)
    .replace("'80:8080'", `'${port}:8080'`)
  const around = {
    registry: registry.host,
    registries: {},
    image: 'octo/newcomer',
    host: stand.server.address,
    projectDirectory: '/srv/app',
    env: {},
    with: {},
  }
  const files = {
    Dockerfile: dockerfile(stand.base),
    page: 'hello\n',
    'compose.yaml': own,
    '.github/workflows/deploy.yml': rewrite(workflow, around),
  }
  const repository = await makeRepository(stand, 'newcomer', files, { page: 'hello, newcomer\n' })
  try {
    return await runWorkflow(stand, repository, {
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

async function judge(ran: Ran, server: Server): Promise<string[]> {
  const page = await fetch(`http://${server.address}:${port}/`).then(answer => answer.text(), String)
  return [
    ...(ran.code === 0 ? [] : [`the workflow ended with ${ran.code ?? 'a signal'}`]),
    ...(page === 'hello, newcomer\n' ? [] : [`what is served is: ${page}`]),
  ]
}
