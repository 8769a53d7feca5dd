import type { BuildDescription, DeployPart, PlanDescription } from '../preflight/describe.ts'
import { changeLine } from '../target/compose-host/changes.ts'
import { stackOf } from '../target/swarm-plan.ts'

/** Renders the plan of a dry run as text: one line per action of a real run. */
export function planLines({ build, reused, push, deploy, promote }: PlanDescription): string[] {
  const [first, ...more] = push
  return [
    ...(build === undefined ? [] : [buildLine(build)]),
    ...(reused === undefined ? [] : [`Reuse ${reused}, which was built from this commit`]),
    ...(first === undefined ? ['Push nothing'] : [`Push ${first}`, ...more.map(tag => `     ${tag}`)]),
    ...(deploy === undefined ? ['Deploy nothing'] : deployLines(deploy)),
    ...(promote.length === 0 ? [] : [`Promote to ${promote.join(' and ')} after the deploy`]),
  ]
}

function strategyLine({ strategy, reason, instead = 'relay' }: DeployPart['services'][number]): string[] {
  if (strategy === 'relay')
    return ['    by relay: requests go to the new release while Compose replaces the container']
  if (strategy === 'start-first')
    return ['    by start-first: the old container stops once the new one serves']
  return reason === undefined ? [] : [`    recreate, not ${instead}: ${reason}`]
}

function buildLine({ context, file, target, platforms }: BuildDescription): string {
  const what = target === undefined ? (file ?? 'the Dockerfile') : `${target} of ${file ?? 'the Dockerfile'}`
  const where = platforms.length === 0 ? '' : ` for ${platforms.join(' and ')}`
  return `Build ${what} in ${context}${where}`
}

function projectName(project: string): string {
  const stack = stackOf(project)
  if (stack === undefined) return `project ${project}`
  return stack === '' ? 'swarm services' : `stack ${stack}`
}

function deployLines(deploy: DeployPart) {
  const { target, project, directory, services, changes, env, unfinished, rollbackTo } = deploy
  const { files, deletes, settings } = deploy
  const to = rollbackTo === undefined ? 'the pushed image' : `${rollbackTo} from the history of the server`
  return [
    `Deploy to ${target}: ${projectName(project)} in ${directory}`,
    ...(unfinished ? ['  clean up after an interrupted deploy first'] : []),
    ...files.map(file => `  upload ${file}`),
    ...deletes.map(file => `  delete ${file}, unless it was changed on the server`),
    ...(settings.length === 0
      ? []
      : [`  set ${settings.map(text => text.replace(' ', ' (').concat(')')).join(', ')}`]),
    ...Object.entries(env).map(([name, value]) => `  set ${name}=${value} in its .env`),
    ...services.flatMap(service => [
      `  ${service.name}: from ${shortened(service.from)}`,
      `    to ${service.to ?? to}, as ${service.reference}`,
      ...(service.configChanged === true ? ['    its compose configuration has changed'] : []),
      ...strategyLine(service),
      ...(service.drift === undefined ? [] : [`    drifted: ${service.drift}`]),
    ]),
    ...changes.map(change => `  ${changeLine(change)}`),
  ]
}

/** Shortens the digest of an image to 12 hex digits, so that the line fits into the summary. */
const shortened = (image = 'nothing'): string => image.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1')
