import { askRegistry } from '../rig/ask-registry.ts'
import { type Recipe, readRecipes } from './recipe.ts'
import { type At, dockerfile, type Page, type Rehearsal, service } from './rehearsals.ts'
import { rewrite, type Surroundings } from './rewrite.ts'
import { makeRepository, type Order, type Ran, runWorkflow, type Stand } from './stand.ts'

/** What came of a recipe: how long its own run took, and what is not as it should be. */
export interface Result {
  readonly seconds: number
  readonly wrong: readonly string[]
  readonly log: string
}

/** Runs a recipe from an empty project on, and looks at the registry and at what is served afterwards. */
export async function rehearse(
  recipe: Recipe,
  rehearsal: Rehearsal,
  stand: Stand,
  port: number,
): Promise<Result> {
  const server = rehearsal.swarm ? (await stand.rig.swarm()).node('manager1') : stand.server
  const at: At = { ...stand, server, image: `${stand.rig.registry.host}/octo/${recipe.name}`, port }
  await settle(recipe, rehearsal, at)
  const before: { ran: Ran; commit: string }[] = []
  for (const [index, inputs] of (rehearsal.before ?? []).entries()) {
    const earlier = { with: () => inputs, ...(rehearsal.env === undefined ? {} : { env: rehearsal.env }) }
    before.push(await runIn(named('deploy-on-push'), earlier, recipe.name, at, `page ${index}`, []))
  }
  const commits = before.map(({ commit }) => commit)
  const { ran } = await runIn(recipe, rehearsal, recipe.name, at, `page ${before.length}`, commits)
  const failed = before.find(run => run.ran.code !== 0)?.ran
  const wrong =
    failed === undefined ? await judge(ran, rehearsal, recipe, at, before.length) : ['a run before failed']
  return { seconds: ran.seconds, wrong, log: (failed ?? ran).log }
}

const named = (name: string): Recipe => {
  const found = readRecipes().find(recipe => recipe.name === name)
  if (found === undefined) throw new Error(`there is no recipe ${name}`)
  return found
}

const directoryOf = (name: string): string => `/srv/${name}`

/** What the owner of the server does once. */
async function settle({ name }: Recipe, rehearsal: Rehearsal, at: At): Promise<void> {
  const { env, brings } = rehearsal
  // The recipe for a password logs in as somebody else than `deploy`.
  const files = `cat >compose.yaml && printf '${env ?? ''}' >.env && chmod -R a+rwX .`
  const command = `rm -rf ${directoryOf(name)}; mkdir -p ${directoryOf(name)} && cd ${directoryOf(name)} && ${files}`
  const empty = `rm -rf ${directoryOf(name)}; install -d -o deploy -g deploy ${directoryOf(name)}`
  const { code, stderr } = await at.server.exec(brings ? empty : command, { stdin: composeOf(rehearsal, at) })
  if (code !== 0) throw new Error(stderr)
  if (rehearsal.prepare === undefined) return
  const { host, username, password } = at.rig.registry
  const login = `docker login ${host} -u ${username} --password-stdin`
  const prepared = await at.server.exec(`cd ${directoryOf(name)} && ${login} && ${rehearsal.prepare(at)}`, {
    stdin: password,
  })
  if (prepared.code !== 0) throw new Error(prepared.stderr)
}

const composeOf = ({ services }: Rehearsal, at: At): string =>
  `services:\n${services?.(at) ?? service('web', `${at.image}:latest`, at.port)}`

async function runIn(
  recipe: Recipe,
  rehearsal: Rehearsal,
  place: string,
  at: At,
  page: string,
  commits: readonly string[],
): Promise<{ ran: Ran; commit: string }> {
  const around: Surroundings = {
    registry: at.rig.registry.host,
    registries: { 'registry.example.com': at.rig.registry.host, 'base.example.com': at.elsewhere.host },
    image: `octo/${place}`,
    host: at.server.address,
    projectDirectory: directoryOf(place),
    env: { BUILDX_BUILDER: at.container.name },
    with: rehearsal.with?.(at) ?? {},
  }
  const workflows = [recipe, ...(rehearsal.calls === undefined ? [] : [named(rehearsal.calls)])]
  const files = (text: string) => ({
    Dockerfile: dockerfile(rehearsal.base ?? at.base, rehearsal.more),
    ...(rehearsal.brings ? { 'compose.yaml': composeOf(rehearsal, at) } : {}),
    page: text,
    ...rehearsal.files?.(at, text),
  })
  const repository = await makeRepository(
    at,
    place,
    {
      ...files('first'),
      ...Object.fromEntries(
        workflows.map(({ name, text }) => [`.github/workflows/${name}.yml`, rewrite(text, around)]),
      ),
    },
    files(page),
  )
  try {
    const [previous, commit] = repository.commits
    return {
      ran: await runWorkflow(at, repository, orderOf(recipe, rehearsal, at, previous, commits)),
      commit,
    }
  } finally {
    repository.remove()
  }
}

function orderOf(
  { name }: Recipe,
  rehearsal: Rehearsal,
  { rig: { registry }, server }: At,
  before: string,
  commits: readonly string[],
): Order {
  const { event = 'push', payload, actor = 'octo', secrets, vars } = rehearsal
  return {
    workflow: `${name}.yml`,
    event,
    payload: {
      ref: 'refs/heads/main',
      before,
      repository: { default_branch: 'main' },
      ...payload?.(commits),
    },
    actor,
    secrets: { SSH_KEY: server.access.key.text, REGISTRY_PASSWORD: registry.password, ...secrets },
    vars: { SSH_KNOWN_HOSTS: server.knownHosts, REGISTRY_USERNAME: registry.username, ...vars },
  }
}

async function judge(
  ran: Ran,
  { says = [], serves = 'new', pushes = true, secrets = {} }: Rehearsal,
  { name }: Recipe,
  at: At,
  runs: number,
): Promise<string[]> {
  const wrong = ran.code === 0 ? [] : [`it ended with ${ran.code ?? 'a signal'}`]
  const page = await pageAt(at)
  const wanted = pageOf(serves, runs)
  if (page !== wanted) wrong.push(`${page ?? 'nothing'} is served, and not ${wanted ?? 'nothing'}`)
  if ((await isPushed(name, at)) !== pushes)
    wrong.push(pushes ? 'nothing was pushed' : 'something was pushed')
  wrong.push(...says.filter(pattern => !pattern.test(ran.log)).map(pattern => `it does not say ${pattern}`))
  if (!/Success - Post \.\//.test(ran.log)) wrong.push('its post step did not run')
  const hidden = [at.server.access.key.text, at.rig.registry.password, ...Object.values(secrets)]
  if (
    hidden.some(secret =>
      secret.split('\n').some(line => line.length > 7 && !line.startsWith('-----') && ran.log.includes(line)),
    )
  )
    wrong.push('it tells a secret')
  return wrong
}

const pageOf = (serves: Page, runs: number): string | undefined =>
  ({ new: `page ${runs}`, first: 'page 0', none: undefined })[serves]

async function pageAt({ server, port }: At): Promise<string | undefined> {
  try {
    const answer = await fetch(`http://${server.address}:${port}/`, { signal: AbortSignal.timeout(2000) })
    return (await answer.text()).trim()
  } catch {
    return undefined
  }
}

const isPushed = async (name: string, { rig: { registry } }: At): Promise<boolean> =>
  (await askRegistry(registry, `octo/${name}/tags/list`)).ok
