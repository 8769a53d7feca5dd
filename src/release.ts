import type { Dial } from './check/check.ts'
import { openDialler } from './check/dial.ts'
import { silentPorts } from './check/ports.ts'
import type { Context } from './core/context.ts'
import { Failure, type Problem } from './core/errors.ts'
import type { Runtime } from './core/runtime.ts'
import type { Order } from './deploy/order.ts'
import { problemOf, pullingServices } from './deploy/outcome.ts'
import type { DeployRuntime } from './deploy/run.ts'
import { deploy } from './deploy/transaction.ts'
import type { Verdict } from './deploy/verdict.ts'
import { exactImage, parseReference, type Reference, registryOf } from './image/reference.ts'
import type { Plan } from './plan/plan.ts'
import type { Server } from './preflight/preflight.ts'
import type { Publisher } from './preflight/publisher.ts'
import type { RegistryPlan } from './registry/plan.ts'
import { bindServerLogin, serverCredentials, tryInTurn } from './registry/server-login.ts'
import { changeLines, deployReport, lostReport, strategyLines } from './report/deployed.ts'
import type { Ending, Journal } from './report/journal.ts'
import type { ImageReport } from './report/report.ts'
import { deployTitle } from './report/titles.ts'
import { unchangedReport } from './report/unchanged.ts'
import { connect } from './ssh/connection.ts'
import type { DeployPlan } from './target/plan.ts'
import { fullName } from './target/swarm-plan.ts'

/** Deploys the release to the server, and returns how the deploy ended. */
export async function release(
  plan: Plan & { readonly deploy: DeployPlan },
  image: ImageReport | undefined,
  server: Server,
  runtime: Runtime,
  journal: Journal,
  registry?: Pick<Publisher, 'client' | 'registry'>,
): Promise<Ending> {
  const order = orderOf(plan, image, server, runtime.context)
  const { target } = server.connection
  await using dialler = openDialler(server.connection, signal =>
    connect(plan.deploy.ssh, { stage: 'deploy', signal }),
  )
  const { dial } = dialler
  let begun = false
  const started = () => {
    begun = true
  }
  const verdict = await journal
    .stage(deployTitle(plan.deploy, target), async () => {
      for (const line of strategyLines(server.facts.strategies)) runtime.log.line(line)
      for (const line of changeLines(server.facts)) runtime.log.line(line)
      return tryInTurn(
        await offers(plan, server, runtime, registry),
        credentials =>
          deploy(
            { ...order, credentials },
            { ...deployRuntime(plan.deploy, server, runtime, started), dial },
          ),
        verdict => isPullDenied(verdict) && !runtime.cancelled.aborted,
        runtime.log,
      )
    })
    .catch((error: unknown) => {
      if (begun && error instanceof Failure) return error
      throw error
    })
  if (verdict instanceof Failure) {
    journal.note({ deploy: lostReport(order, unchangedReport(server)) })
    return { end: 'lost', failure: verdict }
  }
  runtime.forgetRun()
  if (verdict.kind === 'ok' && plan.check === undefined) await warnOfSilentPorts(server, dial, journal)
  journal.note({ deploy: deployReport(order, target, verdict, Date.now()) })
  return ending(verdict, plan, runtime, order)
}

/**
 * Warns of each published port that nothing answers on, for services without a healthcheck. Without a health check or
 * `check-url`, a release that serves nothing would pass unnoticed.
 */
async function warnOfSilentPorts({ facts }: Server, dial: Dial, journal: Journal): Promise<void> {
  const unchecked = facts.services.filter(({ hasHealthcheck, oneShot }) => !hasHealthcheck && !oneShot)
  const tried = await Promise.all(
    unchecked.map(async ({ name, ports = [] }) => ({ name, silent: await silentPorts(ports, dial) })),
  )
  for (const { name, silent } of tried.filter(each => each.silent.length > 0))
    journal.warn(
      `\`${name}\` runs, but nothing answers on port ${silent.map(({ port }) => port).join(' and ')} that it publishes on the server. Does the program listen on the port of the container that \`ports\` names, and on 0.0.0.0? With a healthcheck or \`check-url\` such a release is rolled back.`,
    )
}

/** Reuses the connection of preflight, which other stages still need open; opens a new one after each drop. */
function deployRuntime(
  { ssh }: DeployPlan,
  { connection }: Server,
  runtime: Runtime,
  started: () => void,
): DeployRuntime {
  let first = true
  return {
    connect: async () => {
      const reconnects = !first || connection.dropped()
      first = false
      return reconnects
        ? await connect(ssh, { stage: 'deploy' })
        : { ...connection, close: async () => undefined }
    },
    print: runtime.log.output,
    cancelled: runtime.cancelled,
    recordRun: (path, shownBytes) => {
      started()
      runtime.remember({ kind: 'run', path, shownBytes })
    },
  }
}

function orderOf(
  { deploy: plan, check, image: { tagNames } }: Plan & { readonly deploy: DeployPlan },
  image: ImageReport | undefined,
  { facts, release: { pins, envSet } }: Server,
  context: Context,
): Order {
  const services = facts.services.map(({ name, reference: declared }) => {
    const pin = pins.find(({ service }) => service === name)
    const digest = pin?.pushed.digest ?? image?.digest
    // The agent takes an image without a digest as that of a service that is not deployed.
    if (pin !== undefined && digest === undefined && plan.rollbackTo === undefined)
      throw new Error(`the image of ${name} has no digest`)
    if (pin === undefined || digest === undefined)
      return { name, reference: pin?.reference ?? declared, image: undefined }
    return { name, reference: pin.reference, image: exactImage(pin.pushed, digest) }
  })
  return {
    plan,
    facts,
    services,
    envSet,
    ...(plan.payload === undefined ? {} : { payload: { plan: plan.payload, needs: facts.needs, check } }),
    credentials: [],
    run: {
      url: `${context.serverUrl}/${context.repository}/actions/runs/${context.runId}`,
      actor: context.actor,
      commit: image === undefined ? context.sha : (image.commit ?? ''),
      workflow: context.workflow,
      ref: context.ref,
      number: context.runNumber,
      tags: [...new Set([...tagNames, ...Object.values(plan.images).flatMap(({ tag }) => tag ?? [])])],
    },
  }
}

const offers = async (
  plan: Plan & { readonly deploy: DeployPlan },
  server: Server,
  runtime: Runtime,
  opened: Pick<Publisher, 'client' | 'registry'> | undefined,
) => {
  if (!plan.deploy.serverLogin) return [[]] as const
  const registry = opened?.registry ?? plan.registry
  const release = server.release.pins.map(({ pushed }) => pushed)
  const own = registry.server && bindServerLogin(registry.server, release)
  return await serverCredentials(
    { ...registry, server: own },
    pulledOf(server, registry),
    opened?.client,
    runtime,
  )
}

/**
 * Returns the images that the server may pull: those of the release, and those of other services that come from
 * registries with a login in this run.
 */
function pulledOf({ facts, release: { pins } }: Server, { logins }: RegistryPlan): Reference[] {
  const others = [
    ...(facts.whole?.others ?? []).map(({ reference }) => reference),
    ...(facts.swarm?.images ?? []),
  ]
  const known = others.map(parseReference).filter((each): each is Reference => 'registry' in each)
  return [
    ...pins.map(({ pushed }) => pushed),
    ...known.filter(each => logins.some(({ registry }) => registry === registryOf(each))),
  ]
}

/** Whether a registry refused the pull. Nothing has changed at that point, so the deploy can try another login. */
const isPullDenied = ({ kind, code }: Verdict): boolean => kind === 'unchanged' && code === 'pull-denied'

function ending(verdict: Verdict, plan: Plan, { cancelled }: Runtime, order: Order): Ending {
  const end = ends[verdict.kind]
  if (verdict.kind === 'ok') return { end }
  if (verdict.kind === 'superseded' && verdict.code !== 'updated-by-others')
    return { end, failure: new Failure('deploy', supersededProblem(verdict, plan)) }
  if (verdict.kind === 'unchanged' && cancelled.aborted) return { end: 'cancelled' }
  return { end, failure: new Failure('deploy', problemOf(verdict, whereOf(order))) }
}

const whereOf = (order: Order) => {
  const { swarm } = order.facts
  return {
    pulling: pullingServices(order),
    swarm: swarm && order.services.map(({ name }) => fullName(swarm, name)),
  }
}

/** Describes a run that a newer run overtook while this one was building. The push has already moved the tags. */
function supersededProblem(
  { reason = 'a newer run has deployed' }: Verdict,
  { retag, image }: Plan,
): Problem {
  const tags = retag ? image.tagNames.map(tag => `\`${tag}\``).join(', ') : ''
  const moved = tags === '' ? '' : `, but ${tags} in the registry now point to this older build`
  return {
    input: 'allow-older',
    code: 'superseded',
    cause: `A newer run deployed while this one was built (${reason}). Nothing was changed on the server${moved}.`,
    remedy: `${tags === '' ? '' : 'Run the newer run again to move the tags back. '}To go back on purpose, use \`allow-older: true\` or \`rollback-to\`; a \`concurrency\` group in the workflow keeps runs in order.`,
  }
}

const ends = {
  ok: 'released',
  unchanged: 'failed',
  superseded: 'superseded',
  'rolled-back': 'rolled-back',
  removed: 'removed',
  broken: 'broken',
} as const
