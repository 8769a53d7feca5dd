import type { Server } from '../preflight/preflight.ts'
import { isUp, runningRelease } from '../target/compose-host/describe.ts'
import { releasesOf } from '../target/compose-host/history.ts'
import type { DeployReport } from './report.ts'

/** Reports what runs before the deploy changes anything. An image that was never in a registry is no release. */
export function unchangedReport({ connection, facts, release }: Server): DeployReport {
  return {
    target: connection.target,
    project: facts.project.name,
    known: releasesOf(facts.project.history),
    services: facts.services.map(service => {
      const { name } = service
      const pin = release.pins.find(each => each.service === name)
      const running = isUp(service) ? runningRelease(service, pin?.pushed) : undefined
      return running?.includes('@') ? { name, previous: running, serving: running } : { name }
    }),
  }
}
