import type { Context } from '../core/context.ts'
import { digestOf, releaseDetails, releaseName } from '../target/compose-host/history.ts'
import { code, link, prose } from './markdown.ts'
import { packagePage } from './package-page.ts'
import type { DeployReport, End, ServiceRelease } from './report.ts'

/** Renders from which release to which: one row, or one for each service where they differ. */
export function releaseRows(end: End, deploy: DeployReport, context: Context, now: Date): string[][] {
  const { services, known } = deploy
  if (stopped.has(end) && services.every(each => each.previous === undefined && each.serving === undefined))
    return []
  const name = (release: string | undefined) => {
    if (release === undefined) return 'nothing'
    const info = known?.[digestOf(release)]
    const details = releaseDetails(info, now)
    const shown = link(code(releaseName(release, info)), packagePage(release, context))
    return details === '' ? shown : `${shown} (${prose(details)})`
  }
  const said = services.map(service => change(end, service, name))
  if (new Set(said).size === 1) return [['Release', said[0] ?? '']]
  return services.map(({ name: service }, index) => [`Release of ${code(service)}`, said[index] ?? ''])
}

/** The run may have ended before it looked at the server. */
const stopped: ReadonlySet<End> = new Set(['failed', 'cancelled', 'superseded', 'lost'])

type Naming = (release: string | undefined) => string

function change(end: End, { previous, wanted, serving }: ServiceRelease, name: Naming): string {
  const failed = wanted === undefined ? 'the new release' : name(wanted)
  switch (end) {
    case 'rolled-back':
      return `${failed} failed, ${name(serving)} is running`
    case 'removed':
      return `${failed} failed and was removed`
    case 'broken':
      return `${failed} failed, ${serving === undefined ? 'nothing runs' : `${name(serving)} is left`}`
    case 'lost':
      return `${name(previous)} ran before; what runs now is not known`
    default:
      return previous === serving ? `${name(serving)}, unchanged` : `${name(previous)} → ${name(serving)}`
  }
}
