import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from '../core/command.ts'
import { Failure, lastLines, type Problem } from '../core/errors.ts'
import type { Runtime } from '../core/runtime.ts'
import { dockerDirectory } from '../docker/current.ts'
import { diagnose } from '../docker/diagnosis.ts'
import type { InsecureRegistries } from '../docker/docker.ts'
import { runWithRetries } from '../docker/run-with-retries.ts'
import { type Client, openClient } from './client.ts'
import type { DockerConfig } from './config.ts'
import { credentialFor, rememberLogin } from './credentials.ts'
import type { Login, RegistryPlan } from './plan.ts'
import { NoAnswer } from './with-retries.ts'

/**
 * Uses what a step before has logged in with in place of the run's own token, which nobody asked for and may do less.
 * A login that the registry does not take any more, as one that was left on a runner of one's own, does not count.
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
      const theirs = { registry: login.registry, username, password }
      if (username === login.username && password === login.password) return login
      const client = openClient(runtime, { logins: [theirs], config: source, insecure, waits: [] })
      return (await refuses(client, theirs)) ? login : theirs
    }),
  )
  return { ...plan, logins: logins.filter(login => login !== undefined) }
}

/** The password goes over stdin: an argv can be read by every process of the machine. */
export const loginCommand = ({ registry, username, password }: Login): Command => ({
  file: 'docker',
  args: ['login', registry, '--username', username, '--password-stdin'],
  stdin: password,
})

/**
 * Logs in to every registry of the plan. What ends with the step is in its configuration already, and a registry that
 * takes it has nothing more to be asked; whatever is out of the ordinary is for `docker login` to do again, and to
 * fail with its words.
 */
export async function login(
  runtime: Runtime,
  plan: RegistryPlan,
  config: DockerConfig,
  client: Pick<Client, 'send'>,
): Promise<void> {
  const taken = await Promise.all(
    plan.logins.map(async each => (await takes(client, each)) && plan.lasts === 'step'),
  )
  runtime.cancelled.throwIfAborted()
  for (const { registry, username } of plan.logins.filter((_, place) => taken[place]))
    runtime.log.line(`Logged in to ${registry} as ${username}`)
  const others = plan.logins.filter((_, place) => !taken[place])
  await logIn(runtime, { ...plan, logins: others }, config)
}

/** Whether a registry says that it knows who this is, which is what `docker login` asks it. */
const takes = async (client: Pick<Client, 'send'>, login: Login): Promise<boolean> =>
  (await ask(client, login)) === 200

async function refuses(client: Pick<Client, 'send'>, login: Login): Promise<boolean> {
  const status = await ask(client, login)
  return status === 401 || status === 403
}

async function ask(client: Pick<Client, 'send'>, { registry }: Login): Promise<number | undefined> {
  const asked = { method: 'GET', registry, repository: '', path: '', actions: '', once: true } as const
  const late = delay(patience, undefined, { ref: false })
  return (await Promise.race([client.send(asked).catch(unlessRefused), late]))?.status
}

/** Where the login must not go, docker must not send it either. */
function unlessRefused(error: unknown): undefined {
  if (error instanceof Failure && !(error instanceof NoAnswer)) throw error
}

/** In milliseconds. Short, as docker may reach a registry that this process cannot. */
const patience = 5_000

/** One after the other: docker writes them all into one file. */
async function logIn(runtime: Runtime, plan: RegistryPlan, config: DockerConfig): Promise<void> {
  const problems: Problem[] = []
  for (const each of plan.logins) {
    if (plan.lasts === 'job') await rememberLogin(runtime, each.registry, config)
    const command = { ...loginCommand(each), env: config.env }
    const outcome = await runWithRetries(quietly(runtime), command)
    if (outcome.code !== 0) problems.push(refused(each, outcome))
  }
  if (problems.length > 0) throw new Failure('preflight', problems)
}

/** docker says at every login that a file holds it; this one is gone in a moment. */
const quietly = (runtime: Runtime): Runtime => ({
  ...runtime,
  log: { ...runtime.log, foreign: () => undefined },
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
    return 'Check `registry-username` and `registry-password`: Docker Hub takes an access token with the right to write.'
  if (registry === 'ghcr.io')
    return 'Give the job `permissions: packages: write`, or a token with the scope `write:packages` as `registry-password`.'
  return 'Check `registry-username` and `registry-password`; `registry` names the host that they are for.'
}
