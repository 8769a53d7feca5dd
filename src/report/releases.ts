import type { Context } from '../core/context.ts'
import { short } from './figures.ts'
import { code, link } from './markdown.ts'
import { packagePage } from './package-page.ts'
import type { DeployReport, End, ServiceRelease } from './report.ts'

/** Rows that say from which release to which: one, or one for each service where they differ. */
export function releaseRows(end: End, { services }: DeployReport, context: Context): string[][] {
  if (stopped.has(end) && services.every(each => each.previous === undefined && each.serving === undefined))
    return []
  const said = services.map(service => change(end, service, context))
  if (new Set(said).size === 1) return [['Release', said[0] ?? '']]
  return services.map(({ name }, index) => [`Release of ${code(name)}`, said[index] ?? ''])
}

/** It may have ended before it looked at what serves. */
const stopped: ReadonlySet<End> = new Set(['failed', 'cancelled', 'superseded', 'lost'])

function change(end: End, { previous, wanted, serving }: ServiceRelease, context: Context): string {
  const name = (release: string | undefined) => named(release, context)
  const failed = wanted === undefined ? 'the new one' : name(wanted)
  switch (end) {
    case 'rolled-back':
      return `${failed} failed, ${name(serving)} serves again`
    case 'removed':
      return `${failed} failed and was removed`
    case 'broken':
      return `${failed} failed, ${serving === undefined ? 'nothing runs' : `${name(serving)} is left`}`
    case 'lost':
      return `${name(previous)} served before; what serves now is not known`
    default:
      return previous === serving ? `${name(serving)}, unchanged` : `${name(previous)} → ${name(serving)}`
  }
}

/** By its digest, with a link to where it can be looked at. */
const named = (release: string | undefined, context: Context): string =>
  release === undefined ? 'nothing' : link(code(short(release)), packagePage(release, context))
