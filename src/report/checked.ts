import { pushes } from '../buildx/result.ts'
import type { Plan } from '../plan/plan.ts'
import type { Resources } from '../preflight/preflight.ts'
import { size } from './figures.ts'

/** Renders the preflight checks that passed: `✓ push allowed  ✓ host key  ✓ engine 26.1, Compose 2.26`. */
export function checkedLine(
  { build, deploy, retag }: Pick<Plan, 'build' | 'deploy' | 'retag'>,
  { server, publisher }: Pick<Resources, 'server' | 'publisher'>,
): string {
  const checks: (string | undefined)[] = [
    publisher !== undefined && (retag || (build.when !== 'never' && pushes(build.result)))
      ? 'push allowed'
      : undefined,
  ]
  if (server !== undefined && deploy !== undefined) {
    const { tools, services, swarm } = server.facts
    checks.push(
      deploy.ssh.hostKey.kind === 'insecure' ? undefined : 'host key',
      `engine ${minor(tools.engineVersion)}, ${swarm === undefined ? `Compose ${minor(tools.composeVersion)}` : `swarm of ${swarm.nodes.length} node${swarm.nodes.length === 1 ? '' : 's'}`}`,
      `${services.length === 1 ? 'service' : 'services'} ${services.map(({ name }) => name).join(', ')}`,
      tools.freeBytes === undefined ? undefined : `${size(tools.freeBytes)} free`,
    )
  }
  return checks.flatMap(check => (check === undefined ? [] : [`✓ ${check}`])).join('  ')
}

const minor = (version: string): string => version.split('.').slice(0, 2).join('.')
