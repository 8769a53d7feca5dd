import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { askRegistry } from '../rig/ask-registry.ts'
import { type DeployOptions, deploy, type Outcome } from './deploy.ts'
import { containersOf, type Field, type Ground, pagesOf, serves } from './field.ts'
import type { Kind } from './images.ts'

/** The services of a stack, and what each serves: a page for each container. */
export type Pages = Readonly<Record<string, readonly string[]>>

/** Gives the tag of a ground's name, which its stack file declares, to the image of a kind. */
export async function tag({ field: { all, images }, name }: Ground, kind: Kind): Promise<void> {
  const { registry } = all
  const manifests = `${images.repository.slice(registry.host.length + 1)}/manifests`
  const source = await askRegistry(registry, `${manifests}/${kind}`)
  assert.ok(source.ok, `${kind} cannot be read: ${source.status}`)
  const put = await askRegistry(registry, `${manifests}/${name}`, {
    method: 'PUT',
    headers: { 'content-type': source.headers.get('content-type') ?? '' },
    body: await source.text(),
  })
  assert.ok(put.ok, `${name} cannot be tagged: ${put.status} ${await put.text()}`)
}

/** A service of a stack file; `more` are lines of its own, `deploy` lines of its `deploy`. */
export interface Service {
  /** A kind, or the tag of the ground's name when nothing is said. */
  readonly kind?: Kind | 'nowhere'
  readonly replicas?: number
  readonly deploy?: readonly string[]
  readonly more?: readonly string[]
}

export function stackFile(
  { field: { images, swarm }, name }: Ground,
  services: Readonly<Record<string, Service>>,
  { rest = '', overlay = false }: { readonly rest?: string; readonly overlay?: boolean } = {},
): string {
  const texts = Object.entries(services).map(
    ([service, { kind, replicas = 2, deploy: lines = [], more = [] }]) => `  ${service}:
    image: ${images.repository}:${kind ?? name}
    stop_grace_period: 1s
${more.map(line => `    ${line}\n`).join('')}    deploy:
      replicas: ${replicas}
${lines.map(line => `      ${line}\n`).join('')}`,
  )
  // Engines stumble over networks that come and go side by side (`Pool overlaps with other one`).
  const networks =
    overlay && swarm.kernel.overlay ? '' : 'networks: {default: {external: true, name: bridge}}\n'
  return `services:\n${texts.join('')}${networks}${rest}`
}

/** Writes the stack file, deploys it by hand, and waits until it serves. */
export async function byHand(ground: Ground, text: string, pages: Pages): Promise<void> {
  await ground.write('stack.yaml', text)
  await ground.sh(`docker stack deploy --detach=true --with-registry-auth -c stack.yaml ${ground.name} 2>&1`)
  for (const [service, each] of Object.entries(pages))
    await serves(ground.field.swarm, `${ground.name}_${service}`, each, 90_000)
}

/** Deploys the stack file of the ground's directory, with a kind of release for its service `web`. */
export const deployStack = (
  ground: Ground,
  kind: Kind,
  { with: inputs = {}, ...options }: DeployOptions = {},
): Promise<Outcome> =>
  deploy(ground, kind, {
    ...options,
    with: {
      stack: ground.name,
      'compose-files': 'stack.yaml',
      tags: `${kind}\n${ground.name}`,
      ...inputs,
    },
  })

/** The services of a stack that there are, by their names in its file. */
export async function servicesOf({ field: { swarm }, name }: Ground): Promise<string[]> {
  const filter = `label=com.docker.stack.namespace=${name}`
  const listed = await swarm.docker('service', 'ls', '-f', filter, '--format', '{{.Name}}')
  return listed
    .split('\n')
    .filter(Boolean)
    .map(service => service.slice(name.length + 1))
    .sort()
}

/** What each container of a stack serves. */
export async function pagesOfStack(ground: Ground): Promise<Record<string, string[]>> {
  const services = await servicesOf(ground)
  const pages = services.map(
    async service => [service, await pagesOf(ground.field.swarm, `${ground.name}_${service}`)] as const,
  )
  return Object.fromEntries(await Promise.all(pages))
}

export const containersOfStack = async (ground: Ground): Promise<string[]> => {
  const all = (await servicesOf(ground)).map(service =>
    containersOf(ground.field.swarm, `${ground.name}_${service}`),
  )
  return (await Promise.all(all))
    .flat()
    .map(({ id }) => id)
    .sort()
}

export interface StackRow {
  readonly name: string
  /** Files beside the stack file, before it is deployed for the first time. */
  readonly files?: Readonly<Record<string, string>>
  /** The stack before, deployed by hand with the image `one`; left out: there is none. */
  readonly first?: (ground: Ground) => string
  readonly before?: Pages
  /** The stack file that is deployed; as before when left out. */
  readonly file?: (ground: Ground) => string
  /** Done before the deploy. */
  readonly prepare?: (ground: Ground) => Promise<unknown>
  readonly release: Kind
  readonly deploy?: DeployOptions
  readonly verdict: string | readonly string[]
  readonly after: Pages
  readonly untouched?: boolean
  readonly says?: RegExp
  readonly within: number
  readonly long?: boolean
  /** Done afterwards. */
  readonly afterwards?: (ground: Ground, outcome: Outcome) => Promise<unknown>
}

export async function playStack(field: Field, row: StackRow): Promise<void> {
  await using ground = await field.open('stack')
  for (const [file, text] of Object.entries(row.files ?? {})) await ground.write(file, text)
  if (row.first !== undefined) {
    await tag(ground, 'one')
    await byHand(ground, row.first(ground), row.before ?? {})
  }
  const text = (row.file ?? row.first)?.(ground)
  if (text !== undefined) await ground.write('stack.yaml', text)
  await row.prepare?.(ground)
  const containers = await containersOfStack(ground)
  const outcome = await deployStack(ground, row.release, row.deploy)
  await stackHolds(ground, outcome, row)
  if (row.untouched === true) assert.deepEqual(await containersOfStack(ground), containers)
  await row.afterwards?.(ground, outcome)
}

type Expected = Pick<StackRow, 'name' | 'verdict' | 'after' | 'says' | 'within'>

/** The verdict is the truth in each container of each service, right away and ten seconds later; and it came in time. */
export async function stackHolds(
  ground: Ground,
  outcome: Outcome,
  { name, verdict, after, says, within }: Expected,
): Promise<void> {
  const { run } = outcome
  const at = await pagesOfStack(ground)
  const tale = `${name}: ${outcome.verdict} after ${outcome.seconds.toFixed(0)} s, ${JSON.stringify(at)}`
  process.stdout.write(`swarm: ${tale}\n`)
  const all = `${tale}\n${run.log}\n${run.post?.log ?? ''}`
  assert.ok([verdict].flat().includes(outcome.verdict), `expected ${verdict}; ${all}`)
  assert.equal(run.conclusion, outcome.verdict === 'ok' ? 'success' : 'failure', all)
  assert.equal(run.outputs['rolled-back'] === 'true', outcome.verdict === 'rolled-back', all)
  assert.deepEqual(at, after, all)
  if (says !== undefined) assert.match(run.annotations.map(({ message }) => message).join('\n'), says, all)
  assert.ok(outcome.seconds < within, `it had ${within} s: ${all}`)
  await sleep(10_000)
  assert.deepEqual(await pagesOfStack(ground), after, `ten seconds later: ${all}`)
}
