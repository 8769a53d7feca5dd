import type { Docker } from '../docker/docker.ts'
import { isInsecure } from '../registry/trust.ts'
import type { BuilderPlan } from './builder-plan.ts'

/**
 * The builder plan with what a builder in a container needs to reach the registries that the engine reaches: the
 * engine shares this machine's network and knows which registries have no TLS, a container does not. What the user
 * says holds.
 */
export function withinReach(plan: BuilderPlan, docker: Docker, registries: readonly string[]): BuilderPlan {
  const insecure = registries.filter(host => isInsecure(host, docker.insecure))
  const network = plan.driverOpts.some(option => option.startsWith('network='))
  const contained = (plan.driver ?? 'docker-container') === 'docker-container'
  const host = contained && !network && registries.some(isLoopback) ? ['network=host'] : []
  const config = plan.config ?? (insecure.map(registryConfig).join('\n') || undefined)
  return { ...plan, driverOpts: [...plan.driverOpts, ...host], config }
}

const isLoopback = (host: string): boolean => /^(?:localhost|127\.[0-9.]+|\[::1\])(?::\d+)?$/.test(host)

/** With both, BuildKit tries TLS without looking at the certificate, then none: as the engine does. */
const registryConfig = (host: string): string => `[registry."${host}"]\n  http = true\n  insecure = true\n`
