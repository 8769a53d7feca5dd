import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from '../core/command.ts'
import { Failure, lastLines, type Problem } from '../core/errors.ts'
import type { Runtime } from '../core/runtime.ts'
import { dockerDirectory } from '../docker/configuration.ts'
import { diagnose } from '../docker/diagnosis.ts'
import type { InsecureRegistries } from '../docker/docker.ts'
import { runWithRetries } from '../docker/run-with-retries.ts'
import { type Client, openClient } from './client.ts'
import type { DockerConfig } from './config.ts'
import { credentialFor, rememberLogin } from './credentials.ts'
import type { Login, RegistryPlan } from './plan.ts'
import { NoAnswer } from './with-retries.ts'

/**
 * Replaces the run's own token, which Slipway uses only by default and which may have fewer permissions, with the login
 * of an earlier step. Ignores a login that the registry refuses, such as an expired one on a self-hosted runner.
 */
export async function preferJobLogins(
  runtime: Runtime,
  plan: RegistryPlan,
  insecure: InsecureRegistries | Promise<InsecureRegistries>,
): Promise<RegistryPlan> {
  const logins = await Promise.all(
    plan.logins.map(async login => {
      if (login.implied === undefined) return login
      const source = { logins: [], directory: dockerDirectory(runtime.env) }
      const stored = await credentialFor(runtime.run, login.registry, source).catch(() => undefined)
      if (stored?.kind !== 'password') return stored === undefined ? login : undefined
      const { username, password } = stored
      const earlier = { registry: login.registry, username, password }
      if (username === login.username && password === login.password) return login
      const client = openClient(runtime, { logins: [earlier], config: source, insecure, waits: [] })
      return (await refuses(client, earlier)) ? login : earlier
    }),
  )
  return { ...plan, logins: logins.filter(login => login !== undefined) }
}

/** Builds the login command. The password goes over stdin, because every process of the machine can read an argv. */
export const loginCommand = ({ registry, username, password }: Login): Command => ({
  file: 'docker',
  args: ['login', registry, '--username', username, '--password-stdin'],
  stdin: password,
})

/**
 * Logs in to every registry of the plan. Logins that end with the step are in its configuration already: if the
 * registry accepts one, nothing is left to do. In every other case runs `docker login`, so that docker's own errors are
 * reported.
 */
export async function login(
  runtime: Runtime,
  plan: RegistryPlan,
  config: DockerConfig,
  client: Pick<Client, 'send'>,
): Promise<void> {
  const done = await Promise.all(
    plan.logins.map(async each => (await accepts(client, each)) && plan.loginScope === 'step'),
  )
  runtime.cancelled.throwIfAborted()
  for (const { registry, username } of plan.logins.filter((_, index) => done[index]))
    runtime.log.line(`Logged in to ${registry} as ${username}`)
  const others = plan.logins.filter((_, index) => !done[index])
  await logIn(runtime, { ...plan, logins: others }, config)
}

/** Reports whether a registry accepts a login, by the request that `docker login` makes. */
const accepts = async (client: Pick<Client, 'send'>, login: Login): Promise<boolean> =>
  (await statusOf(client, login)) === 200

async function refuses(client: Pick<Client, 'send'>, login: Login): Promise<boolean> {
  const status = await statusOf(client, login)
  return status === 401 || status === 403
}

/** Returns the HTTP status of `/v2/`; undefined if the registry does not answer in time. */
async function statusOf(client: Pick<Client, 'send'>, { registry }: Login): Promise<number | undefined> {
  const request = { method: 'GET', registry, repository: '', path: '', actions: '', once: true } as const
  const timeout = delay(answerWithin, undefined, { ref: false })
  return (await Promise.race([client.send(request).catch(ignoreNoAnswer), timeout]))?.status
}

/** Rethrows a Failure: where this process must not send the login (a realm without TLS), docker must not either. */
function ignoreNoAnswer(error: unknown): undefined {
  if (error instanceof Failure && !(error instanceof NoAnswer)) throw error
}

/** Milliseconds. Short, because docker may reach a registry that this process cannot. */
const answerWithin = 5_000

/** Runs the logins one after the other, because docker writes them all into one file. */
async function logIn(runtime: Runtime, plan: RegistryPlan, config: DockerConfig): Promise<void> {
  const problems: Problem[] = []
  for (const each of plan.logins) {
    if (plan.loginScope === 'job') await rememberLogin(runtime, each.registry, config)
    const command = { ...loginCommand(each), env: config.env }
    const outcome = await runWithRetries(quietly(runtime), command)
    if (outcome.code !== 0) problems.push(refused(each, outcome))
  }
  if (problems.length > 0) throw new Failure('preflight', problems)
}

/** Hides docker's warning that a file holds the password: this file is removed when the step ends. */
const quietly = (runtime: Runtime): Runtime => ({
  ...runtime,
  log: { ...runtime.log, output: () => undefined },
})

function refused({ registry, username }: Login, outcome: Parameters<typeof diagnose>[0]): Problem {
  const { kind, cause, remedy } = diagnose(outcome)
  const output = lastLines(outcome.stderr, 5)
  if (kind !== 'denied')
    return { cause: `The login to ${registry} failed. ${cause}`, output, ...(remedy ? { remedy } : {}) }
  return {
    input: 'registry-password',
    cause: `${registry} refused the login of \`${username}\`.`,
    remedy: remedies(registry),
    output,
  }
}

function remedies(registry: string): string {
  if (registry === 'docker.io')
    return 'Check `registry-username` and `registry-password`: Docker Hub needs an access token with write permission.'
  if (registry === 'ghcr.io')
    return 'Give the job `permissions: packages: write`, or a token with the scope `write:packages` as `registry-password`.'
  return 'Check `registry-username` and `registry-password`, and that `registry` names the host that they belong to.'
}
