import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { askRegistry } from '../rig/ask-registry.ts'
import { type DeployOptions, deploy, type Outcome } from './deploy.ts'
import { containersOf, type Fixture, type Project, pagesOf, waitForPages } from './fixture.ts'
import type { Release } from './images.ts'

/** The pages that the services of a stack serve, one per container. */
export type Pages = Readonly<Record<string, readonly string[]>>

/** Points the tag with the project's name, which its stack file uses, to the image of a release. */
export async function tag({ fixture: { all, images }, name }: Project, release: Release): Promise<void> {
  const { registry } = all
  const manifests = `${images.repository.slice(registry.host.length + 1)}/manifests`
  const source = await askRegistry(registry, `${manifests}/${release}`)
  assert.ok(source.ok, `${release} cannot be read: ${source.status}`)
  const put = await askRegistry(registry, `${manifests}/${name}`, {
    method: 'PUT',
    headers: { 'content-type': source.headers.get('content-type') ?? '' },
    body: await source.text(),
  })
  assert.ok(put.ok, `${name} cannot be tagged: ${put.status} ${await put.text()}`)
}

/** A service of a stack file. `more` are additional lines of the service, `deploy` those of its `deploy` section. */
export interface Service {
  /** The tag of its image. Default: the project's name. */
  readonly release?: Release | 'nowhere'
  readonly replicas?: number
  readonly deploy?: readonly string[]
  readonly more?: readonly string[]
}

export function stackFile(
  { fixture: { images, swarm }, name }: Project,
  services: Readonly<Record<string, Service>>,
  { rest = '', overlay = false }: { readonly rest?: string; readonly overlay?: boolean } = {},
): string {
  const texts = Object.entries(services).map(
    ([service, { release, replicas = 2, deploy: lines = [], more = [] }]) => `  ${service}:
    image: ${images.repository}:${release ?? name}
    stop_grace_period: 1s
${more.map(line => `    ${line}\n`).join('')}    deploy:
      replicas: ${replicas}
${lines.map(line => `      ${line}\n`).join('')}`,
  )
  // Engines fail if networks are created and removed concurrently (`Pool overlaps with other one`).
  const networks =
    overlay && swarm.kernel.overlay ? '' : 'networks: {default: {external: true, name: bridge}}\n'
  return `services:\n${texts.join('')}${networks}${rest}`
}

/** Writes the stack file, deploys it by hand, and waits until it serves the pages. */
async function deployByHand(project: Project, text: string, pages: Pages): Promise<void> {
  await project.write('stack.yaml', text)
  await project.sh(
    `docker stack deploy --detach=true --with-registry-auth -c stack.yaml ${project.name} 2>&1`,
  )
  for (const [service, each] of Object.entries(pages))
    await waitForPages(project.fixture.swarm, `${project.name}_${service}`, each, 90_000)
}

/** Deploys the stack file in the project's directory, with a release for its service `web`. */
const deployStack = (
  project: Project,
  release: Release,
  { with: inputs = {}, ...options }: DeployOptions = {},
): Promise<Outcome> =>
  deploy(project, release, {
    ...options,
    with: {
      stack: project.name,
      'compose-files': 'stack.yaml',
      tags: `${release}\n${project.name}`,
      ...inputs,
    },
  })

/** Returns the existing services of a stack, by their names in the stack file. */
async function servicesOf({ fixture: { swarm }, name }: Project): Promise<string[]> {
  const filter = `label=com.docker.stack.namespace=${name}`
  const listed = await swarm.docker('service', 'ls', '-f', filter, '--format', '{{.Name}}')
  return listed
    .split('\n')
    .filter(Boolean)
    .map(service => service.slice(name.length + 1))
    .sort()
}

/** Returns the pages that the containers of a stack serve, by service. */
export async function pagesOfStack(project: Project): Promise<Record<string, string[]>> {
  const services = await servicesOf(project)
  const pages = services.map(
    async service => [service, await pagesOf(project.fixture.swarm, `${project.name}_${service}`)] as const,
  )
  return Object.fromEntries(await Promise.all(pages))
}

export const containersOfStack = async (project: Project): Promise<string[]> => {
  const all = (await servicesOf(project)).map(service =>
    containersOf(project.fixture.swarm, `${project.name}_${service}`),
  )
  return (await Promise.all(all))
    .flat()
    .map(({ id }) => id)
    .sort()
}

/** A deploy of a stack, and its expected result. */
export interface StackCase {
  readonly name: string
  /** Other files, which are written before the first deploy. */
  readonly files?: Readonly<Record<string, string>>
  /** The initial stack file, which is deployed by hand with the image `one`. Default: there is no stack. */
  readonly first?: (project: Project) => string
  readonly before?: Pages
  /** The stack file to deploy. Default: `first`. */
  readonly file?: (project: Project) => string
  /** Runs before the deploy. */
  readonly prepare?: (project: Project) => Promise<unknown>
  readonly release: Release
  readonly deploy?: DeployOptions
  readonly verdict: string | readonly string[]
  readonly after: Pages
  readonly untouched?: boolean
  readonly says?: RegExp
  readonly within: number
  readonly long?: boolean
  /** Runs after the deploy. */
  readonly afterwards?: (project: Project, outcome: Outcome) => Promise<unknown>
}

export async function runStackCase(fixture: Fixture, each: StackCase): Promise<void> {
  await using project = await fixture.open('stack')
  for (const [file, text] of Object.entries(each.files ?? {})) await project.write(file, text)
  if (each.first !== undefined) {
    await tag(project, 'one')
    await deployByHand(project, each.first(project), each.before ?? {})
  }
  const text = (each.file ?? each.first)?.(project)
  if (text !== undefined) await project.write('stack.yaml', text)
  await each.prepare?.(project)
  const containers = await containersOfStack(project)
  const outcome = await deployStack(project, each.release, each.deploy)
  await assertStackOutcome(project, outcome, each)
  if (each.untouched === true) assert.deepEqual(await containersOfStack(project), containers)
  await each.afterwards?.(project, outcome)
}

type Expected = Pick<StackCase, 'name' | 'verdict' | 'after' | 'says' | 'within'>

/**
 * Asserts the verdict, that it matches the pages of every service at once and ten seconds later, and that it came in
 * time.
 */
async function assertStackOutcome(
  project: Project,
  outcome: Outcome,
  { name, verdict, after, says, within }: Expected,
): Promise<void> {
  const { run } = outcome
  const pages = await pagesOfStack(project)
  const summary = `${name}: ${outcome.verdict} after ${outcome.seconds.toFixed(0)} s, ${JSON.stringify(pages)}`
  process.stdout.write(`swarm: ${summary}\n`)
  const all = `${summary}\n${run.log}\n${run.post?.log ?? ''}`
  assert.ok([verdict].flat().includes(outcome.verdict), `expected ${verdict}; ${all}`)
  assert.equal(run.conclusion, outcome.verdict === 'ok' ? 'success' : 'failure', all)
  assert.equal(run.outputs['rolled-back'] === 'true', outcome.verdict === 'rolled-back', all)
  assert.deepEqual(pages, after, all)
  if (says !== undefined) assert.match(run.annotations.map(({ message }) => message).join('\n'), says, all)
  assert.ok(outcome.seconds < within, `took more than ${within} s: ${all}`)
  await sleep(10_000)
  assert.deepEqual(await pagesOfStack(project), after, `ten seconds later: ${all}`)
}
