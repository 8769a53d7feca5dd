import type { Server } from '../preflight/ready.ts'
import { runningRelease } from '../target/compose-host/describe.ts'
import type { DeployReport } from './report.ts'

/** What serves as long as nothing is changed: before and after it is the same. An image that no registry had is no release. */
export function standing({ connection, facts, release }: Server): DeployReport {
  return {
    target: connection.target,
    project: facts.project.name,
    services: facts.services.map(service => {
      const { name } = service
      const pin = release.pins.find(each => each.service === name)
      const running = runningRelease(service, pin?.pushed)
      return running?.includes('@') ? { name, previous: running, serving: running } : { name }
    }),
  }
}
