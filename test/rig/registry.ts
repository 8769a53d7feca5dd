import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { launch, run } from './command.ts'
import { ensureBridge } from './network.ts'
import { gateway, type Place } from './place.ts'
import { alive, ensure, type Living, living, read, write } from './record.ts'
import { accessOf } from './secrets.ts'
import { toolsOf } from './suites.ts'
import { until } from './until.ts'

/** A registry of the rig: the distribution project's own, deletes allowed, over plain HTTP. */
export interface Registry {
  /** `address:port`, as a reference begins with. */
  readonly host: string
  readonly url: string
  /** Both empty where no login is asked for. */
  readonly username: string
  readonly password: string
  readonly process: Living
  /** The folder with its content. */
  readonly directory: string
}

interface Standing extends Registry {
  readonly configuration: string
}

export type RegistryKind = 'login' | 'anonymous'

export const ports = { login: 5000, anonymous: 5001, token: 5002 } as const

const username = 'shipwright'

const configurationOf = (host: string, directory: string, htpasswd: string | undefined): string =>
  `version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage:
  filesystem: { rootdirectory: ${directory}/content }
  delete: { enabled: true }
http: { addr: "${host}", secret: slipway-rig }
${htpasswd ? `auth: { htpasswd: { realm: slipway-rig, path: ${htpasswd} } }\n` : ''}`

/** The registry takes bcrypt alone, which the crypt(3) of Debian's perl can do. The password goes by stdin. */
const bcrypt = (password: string): Promise<string> =>
  run('perl', ['-e', 'chomp($p = <STDIN>); print crypt($p, "\\$2b\\$04\\$slipwayrigslipwayrig..")'], {
    stdin: password,
  })

const answers = async (url: string): Promise<true | undefined> =>
  (await fetch(`${url}/v2/`).then(
    response => response.status === 200 || response.status === 401,
    () => false,
  )) || undefined

async function start(at: Place, kind: RegistryKind, say: (line: string) => void): Promise<Standing> {
  const [tools, access] = await Promise.all([toolsOf(at, say), accessOf(at), ensureBridge(at)])
  const host = `${gateway(at)}:${ports[kind]}`
  const directory = join(at.run, `registry-${kind}`)
  mkdirSync(directory, { recursive: true })
  const htpasswd = kind === 'login' ? join(directory, 'htpasswd') : undefined
  if (htpasswd)
    writeFileSync(htpasswd, `${username}:${await bcrypt(access.registryPassword)}\n`, { mode: 0o600 })
  const configuration = configurationOf(host, directory, htpasswd)
  writeFileSync(join(directory, 'config.yml'), configuration)
  const log = join(directory, 'registry.log')
  rmSync(log, { force: true })
  const file = join(tools, 'usr/bin/docker-registry')
  const process = living(await launch(file, ['serve', join(directory, 'config.yml')], log))
  await until(
    () => answers(`http://${host}`),
    () => `the registry does not answer:\n${readFileSync(log, 'utf8')}`,
  )
  const login =
    kind === 'login' ? { username, password: access.registryPassword } : { username: '', password: '' }
  return { host, url: `http://${host}`, ...login, process, directory, configuration }
}

/** A registry of the rig, as it stands or brought up. */
export const registryOf = (at: Place, kind: RegistryKind, say: (line: string) => void): Promise<Registry> =>
  ensure(
    at,
    `registry-${kind}`,
    async () => {
      const standing = read<Standing>(at, `registry-${kind}`)
      return standing && alive(standing.process) && (await answers(standing.url)) ? standing : undefined
    },
    async () => {
      const registry = await start(at, kind, say)
      write(at, `registry-${kind}`, registry)
      return registry
    },
  )
