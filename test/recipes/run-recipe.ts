import { askRegistry } from '../rig/ask-registry.ts'
import { fetchPage } from '../rig/fetch-page.ts'
import {
  type Environment,
  makeRepository,
  runWorkflow,
  type WorkflowOptions,
  type WorkflowRun,
} from './environment.ts'
import { type Recipe, readRecipes } from './recipe.ts'
import { dockerfile, type Page, type RecipeCase, type RecipeEnvironment, service } from './recipe-cases.ts'
import { type Replacements, rewrite } from './rewrite.ts'

/** The result of a recipe: the duration of its own run, and the problems found. */
export interface Result {
  readonly seconds: number
  readonly problems: readonly string[]
  readonly log: string
}

/** Runs a recipe for an empty project, and then checks the log, the registry and the served page. */
export async function runRecipe(
  recipe: Recipe,
  recipeCase: RecipeCase,
  environment: Environment,
  port: number,
): Promise<Result> {
  const server = recipeCase.swarm ? (await environment.rig.swarm()).node('manager1') : environment.server
  const image = `${environment.rig.registry.host}/octo/${recipe.name}`
  const at: RecipeEnvironment = { ...environment, server, image, port }
  await prepareServer(recipe, recipeCase, at)
  const previous: { run: WorkflowRun; commit: string }[] = []
  for (const [index, inputs] of (recipeCase.before ?? []).entries()) {
    const earlier = { with: () => inputs, ...(recipeCase.env === undefined ? {} : { env: recipeCase.env }) }
    previous.push(await runOnce(recipeNamed('deploy-on-push'), earlier, recipe.name, at, `page ${index}`, []))
  }
  const commits = previous.map(({ commit }) => commit)
  const { run } = await runOnce(recipe, recipeCase, recipe.name, at, `page ${previous.length}`, commits)
  const failed = previous.find(each => each.run.code !== 0)?.run
  const problems =
    failed === undefined
      ? await findProblems(run, recipeCase, recipe, at, previous.length)
      : ['a previous run failed']
  return { seconds: run.seconds, problems, log: (failed ?? run).log }
}

const recipeNamed = (name: string): Recipe => {
  const found = readRecipes().find(recipe => recipe.name === name)
  if (found === undefined) throw new Error(`there is no recipe ${name}`)
  return found
}

const directoryOf = (name: string): string => `/srv/${name}`

/** Creates the project on the server, as its owner does once. */
async function prepareServer({ name }: Recipe, recipeCase: RecipeCase, at: RecipeEnvironment): Promise<void> {
  const { env, uploadsCompose } = recipeCase
  // All users may write, because the recipe for a password does not log in as `deploy`.
  const files = `cat >compose.yaml && printf '${env ?? ''}' >.env && chmod -R a+rwX .`
  const command = `rm -rf ${directoryOf(name)}; mkdir -p ${directoryOf(name)} && cd ${directoryOf(name)} && ${files}`
  const empty = `rm -rf ${directoryOf(name)}; install -d -o deploy -g deploy ${directoryOf(name)}`
  const { code, stderr } = await at.server.exec(uploadsCompose ? empty : command, {
    stdin: composeOf(recipeCase, at),
  })
  if (code !== 0) throw new Error(stderr)
  if (recipeCase.prepare === undefined) return
  const { host, username, password } = at.rig.registry
  const login = `docker login ${host} -u ${username} --password-stdin`
  const prepared = await at.server.exec(`cd ${directoryOf(name)} && ${login} && ${recipeCase.prepare(at)}`, {
    stdin: password,
  })
  if (prepared.code !== 0) throw new Error(prepared.stderr)
}

const composeOf = ({ services }: RecipeCase, at: RecipeEnvironment): string =>
  `services:\n${services?.(at) ?? service('web', `${at.image}:latest`, at.port)}`

async function runOnce(
  recipe: Recipe,
  recipeCase: RecipeCase,
  project: string,
  at: RecipeEnvironment,
  page: string,
  commits: readonly string[],
): Promise<{ run: WorkflowRun; commit: string }> {
  const replacements: Replacements = {
    registry: at.rig.registry.host,
    registries: { 'registry.example.com': at.rig.registry.host, 'base.example.com': at.otherRegistry.host },
    image: `octo/${project}`,
    host: at.server.address,
    projectDirectory: directoryOf(project),
    env: { BUILDX_BUILDER: at.container.name },
    with: recipeCase.with?.(at) ?? {},
  }
  const workflows = [recipe, ...(recipeCase.calls === undefined ? [] : [recipeNamed(recipeCase.calls)])]
  const files = (text: string) => ({
    Dockerfile: dockerfile(recipeCase.base ?? at.base, recipeCase.more),
    ...(recipeCase.uploadsCompose ? { 'compose.yaml': composeOf(recipeCase, at) } : {}),
    page: text,
    ...recipeCase.files?.(at, text),
  })
  const repository = await makeRepository(
    at,
    project,
    {
      ...files('first'),
      ...Object.fromEntries(
        workflows.map(({ name, text }) => [`.github/workflows/${name}.yml`, rewrite(text, replacements)]),
      ),
    },
    files(page),
  )
  try {
    const [previous, commit] = repository.commits
    return {
      run: await runWorkflow(at, repository, optionsOf(recipe, recipeCase, at, previous, commits)),
      commit,
    }
  } finally {
    repository.remove()
  }
}

function optionsOf(
  { name }: Recipe,
  recipeCase: RecipeCase,
  { rig: { registry }, server }: RecipeEnvironment,
  before: string,
  commits: readonly string[],
): WorkflowOptions {
  const { event = 'push', payload, actor = 'octo', secrets, vars } = recipeCase
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

async function findProblems(
  run: WorkflowRun,
  { says = [], serves = 'new', pushes = true, secrets = {} }: RecipeCase,
  { name }: Recipe,
  at: RecipeEnvironment,
  runs: number,
): Promise<string[]> {
  const problems = run.code === 0 ? [] : [`act ended with ${run.code ?? 'a signal'}`]
  const page = await fetchPage(`http://${at.server.address}:${at.port}/`)
  const expected = pageOf(serves, runs)
  if (page !== expected) problems.push(`${page ?? 'no page'} is served instead of ${expected ?? 'no page'}`)
  if ((await isPushed(name, at)) !== pushes)
    problems.push(pushes ? 'no image was pushed' : 'an image was pushed')
  problems.push(
    ...says.filter(pattern => !pattern.test(run.log)).map(pattern => `the log does not match ${pattern}`),
  )
  if (!/Success - Post \.\//.test(run.log)) problems.push('the post step did not run')
  const hidden = [at.server.access.key.text, at.rig.registry.password, ...Object.values(secrets)]
  if (
    hidden.some(secret =>
      secret.split('\n').some(line => line.length > 7 && !line.startsWith('-----') && run.log.includes(line)),
    )
  )
    problems.push('the log contains a secret')
  return problems
}

const pageOf = (serves: Page, runs: number): string | undefined =>
  ({ new: `page ${runs}`, first: 'page 0', none: undefined })[serves]

const isPushed = async (name: string, { rig: { registry } }: RecipeEnvironment): Promise<boolean> =>
  (await askRegistry(registry, `octo/${name}/tags/list`)).ok
