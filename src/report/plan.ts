import type { BuildDescription, DeployPart, PlanDescription } from '../preflight/describe.ts'
import { changeLine } from '../target/compose-host/changes.ts'
import { stackOf } from '../target/swarm-plan.ts'

/** The plan of a dry run for people: a line for each thing that a run would do. */
export function planLines({ build, reused, push, deploy, promote }: PlanDescription): string[] {
  const [first, ...more] = push
  return [
    ...(build === undefined ? [] : [buildLine(build)]),
    ...(reused === undefined ? [] : [`Use ${reused} again, which is this commit`]),
    ...(first === undefined ? ['Push nothing'] : [`Push ${first}`, ...more.map(tag => `     ${tag}`)]),
    ...(deploy === undefined ? ['Deploy nothing'] : deployLines(deploy)),
    ...(promote.length === 0 ? [] : [`Promote to ${promote.join(' and ')}, once it serves`]),
  ]
}

function buildLine({ context, file, target, platforms }: BuildDescription): string {
  const what = target === undefined ? (file ?? 'the Dockerfile') : `${target} of ${file ?? 'the Dockerfile'}`
  const where = platforms.length === 0 ? '' : ` for ${platforms.join(' and ')}`
  return `Build ${what} in ${context}${where}`
}

function placeOf(project: string): string {
  const stack = stackOf(project)
  if (stack === undefined) return `project ${project}`
  return stack === '' ? 'swarm services' : `stack ${stack}`
}

function deployLines(deploy: DeployPart) {
  const { target, project, directory, services, changes, env, unfinished, rollbackTo, files, settings } =
    deploy
  const to = rollbackTo === undefined ? 'what is pushed' : `${rollbackTo} of the history there`
  return [
    `Deploy to ${target}: ${placeOf(project)} in ${directory}`,
    ...(unfinished ? ['  bring the deploy that was cut off there to an end first'] : []),
    ...files.map(file => `  bring ${file}`),
    ...(settings.length === 0 ? [] : [`  set ${settings.join(', ')}`]),
    ...Object.entries(env).map(([name, value]) => `  write ${name}=${value} to its .env`),
    ...services.flatMap(service => [
      `  ${service.name}: from ${service.from ?? 'nothing'} to ${service.to ?? to}, as ${service.reference}`,
      ...(service.configChanged === true ? ['    with a compose configuration that has changed'] : []),
      ...(service.strategy === 'relay'
        ? ['    by relay: its requests are diverted while it is replaced']
        : []),
      ...(service.reason === undefined ? [] : [`    recreated, not relayed: ${service.reason}`]),
      ...(service.drift === undefined ? [] : [`    drifted: ${service.drift}`]),
    ]),
    ...changes.map(change => `  ${changeLine(change)}`),
  ]
}
