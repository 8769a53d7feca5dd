import type { Context } from '../core/context.ts'
import { digestOf, releaseDetails, releaseName } from '../target/compose-host/history.ts'
import { code, link, prose } from './markdown.ts'
import { packagePage } from './package-page.ts'
import type { DeployReport, End, ServiceRelease } from './report.ts'

/** Renders the change of release, `previous → new`: one row, or one per service if they differ. */
export function releaseRows(end: End, deploy: DeployReport, context: Context, now: Date): string[][] {
  const { services, known } = deploy
  if (stopped.has(end) && services.every(each => each.previous === undefined && each.serving === undefined))
    return []
  const name = (release: string | undefined) => {
    if (release === undefined) return 'nothing'
    const info = known?.[digestOf(release)]
    const details = releaseDetails(info, now)
    const label = link(code(releaseName(release, info)), packagePage(release, context))
    return details === '' ? label : `${label} (${prose(details)})`
  }
  const changes = services.map(service => change(end, service, name))
  if (new Set(changes).size === 1) return [['Release', changes[0] ?? '']]
  return services.map(({ name: service }, index) => [`Release of ${code(service)}`, changes[index] ?? ''])
}

/** Ends at which the run may not have inspected the server yet. */
const stopped: ReadonlySet<End> = new Set(['failed', 'cancelled', 'superseded', 'lost'])

type RenderRelease = (release: string | undefined) => string

function change(end: End, { previous, wanted, serving }: ServiceRelease, name: RenderRelease): string {
  const failed = wanted === undefined ? 'the new release' : name(wanted)
  switch (end) {
    case 'rolled-back':
      return `${failed} failed, ${name(serving)} is running`
    case 'removed':
      return `${failed} failed and was removed`
    case 'broken':
      return `${failed} failed, ${serving === undefined ? 'nothing runs' : `${name(serving)} runs`}`
    case 'lost':
      return `${name(previous)} ran before; what runs now is unknown`
    default:
      return previous === serving ? `${name(serving)}, unchanged` : `${name(previous)} → ${name(serving)}`
  }
}
