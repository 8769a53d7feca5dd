import { posix } from 'node:path'
import type { Run } from '../../core/command.ts'
import { lastLines, type Problem } from '../../core/errors.ts'
import type { Findings } from '../../core/findings.ts'
import redactScript from '../../deploy/agent/redact.sh'
import settingsScript from '../../deploy/agent/settings.sh'
import { hasUploads } from '../../payload/plan.ts'
import { type Answer, ask, isProblem, type Question } from '../compose-host/answer.ts'
import type { Project, Tools } from '../compose-host/facts.ts'
import { askStaged } from '../compose-host/staging.ts'
import { lockedUploadsOf } from '../compose-host/writable.ts'
import type { DeployPlan } from '../plan.ts'
import type { SwarmPlan } from '../swarm-plan.ts'
import environmentScript from './agent/environment.sh'
import { bareVariables, ignoredKeys, readStack, type StackService, usedVariables } from './stack-file.ts'
import stackScript from './stack-probe.sh'

/** The plan of a deploy to a Swarm. */
export type SwarmDeployPlan = DeployPlan & { readonly swarm: SwarmPlan }

/** The project directory on the manager, and the stack that its files declare. */
export interface StackFiles {
  readonly directory: string
  readonly writable: boolean
  readonly missing: boolean
  readonly settings: readonly string[] | undefined
  readonly locked: Pick<Project, 'lockedUploads'>
  /** Undefined without `compose-files`. */
  readonly stack: readonly StackService[] | undefined
  readonly paths: readonly string[]
}

function stackQuestion(tools: Tools, plan: SwarmDeployPlan): Question {
  const { projectDirectory, composeFiles, payload } = plan
  return {
    script: redactScript + environmentScript + stackScript,
    args: [
      projectDirectory,
      payload?.envFile ?? '.env',
      plan.swarm.stack ?? '-',
      String(composeFiles.length),
      ...composeFiles,
      ...tools.docker,
    ],
    timeout: 120_000,
  }
}

/**
 * Reads the stack file as Swarm does, with the uploads in place if there are any; undefined if the findings say why
 * not.
 */
export async function readFiles(
  run: Run,
  tools: Tools,
  plan: SwarmDeployPlan,
  findings: Findings,
): Promise<StackFiles | undefined> {
  const question = stackQuestion(tools, plan)
  const { payload } = plan
  const answer =
    payload !== undefined && hasUploads(payload)
      ? await askStaged(run, question, payload, false)
      : await ask(run, { ...question, script: settingsScript + question.script })
  if (isProblem(answer)) {
    findings.problems.push(answer)
    return undefined
  }
  const problem = fileProblem(answer, plan)
  if (problem !== undefined) {
    findings.problems.push(problem)
    return undefined
  }
  const stack = plan.composeFiles.length === 0 ? undefined : await readStack(answer.text('stack'))
  if (plan.composeFiles.length > 0 && stack === undefined) {
    findings.problems.push(unreadable(answer))
    return undefined
  }
  findings.problems.push(...answer.lines('changed.configs').map(changedConfig))
  await warnOfFiles(answer, plan, findings)
  const directory = answer.text('directory')
  return {
    directory,
    writable: answer.has('writable'),
    missing: answer.has('staged.missing'),
    settings: answer.has('staged.settings') ? answer.text('staged.settings').split(', ') : undefined,
    locked: lockedUploadsOf(answer),
    stack,
    paths: plan.composeFiles.map(file => posix.resolve(directory, file)),
  }
}

function fileProblem(
  answer: Answer,
  { projectDirectory, composeFiles }: SwarmDeployPlan,
): Problem | undefined {
  if (!answer.has('directory')) {
    return {
      input: 'project-directory',
      cause: `\`project-directory\` is \`${projectDirectory}\`, which ${answer.has('forbidden') ? 'the login may not enter' : 'does not exist'} on the server.`,
      remedy: 'Create it there, or upload the stack file with `files`: Slipway then creates the directory.',
    }
  }
  if (!answer.has('absent')) return undefined
  return {
    input: 'compose-files',
    cause: `\`compose-files\` names \`${answer.text('absent')}\`, which does not exist in \`${answer.text('directory')}\` on the server (given: ${composeFiles.join(', ')}).`,
    remedy: `The directory contains ${answer.lines('listing').join(', ') || 'no files'}. To upload the file from the repository, name it in \`files\`.`,
  }
}

const changedConfig = (name: string): Problem => ({
  input: 'compose-files',
  cause: `The config \`${name}\` of the stack file already exists in the swarm with other content, and Swarm cannot change a config.`,
  remedy:
    'Put a hash of the content into its name: `name: nginx_${CONFIG_HASH}` in the stack file, and `CONFIG_HASH` in `env` (recipe `swarm-stack`).',
})

/** Returns the problem of a stack file that Swarm rejects. Docker before 23.0 has no `docker stack config`. */
const unreadable = (answer: Answer): Problem => ({
  input: 'compose-files',
  cause: 'Swarm rejects the stack file: `docker stack config` failed.',
  remedy:
    'Fix what the error names. Swarm supports fewer keys than Compose (page `swarm.md`). `docker stack config` needs docker 23.0 or later on the manager.',
  output: lastLines(answer.text('stack.error')),
})

async function warnOfFiles(answer: Answer, plan: SwarmDeployPlan, { warnings }: Findings): Promise<void> {
  const texts = answer.sections.filter(({ name }) => name === 'raw').map(({ lines }) => lines.join('\n'))
  const keys = (await Promise.all(texts.map(ignoredKeys))).flat()
  if (keys.length > 0)
    warnings.push(
      `Swarm ignores ${[...new Set(keys)].map(each => `\`${each}\``).join(', ')} of the stack file.`,
    )
  const envFile = plan.payload?.envFile ?? '.env'
  const skipped = new Set(answer.lines('env.skipped'))
  const dropped = [...new Set(texts.flatMap(usedVariables))].filter(name => skipped.has(name))
  if (dropped.length > 0)
    warnings.push(
      `The stack file uses ${dropped.map(each => `\`${each}\``).join(', ')}. Docker or the shell of the server uses such a name itself, so Slipway does not pass on the value in \`${envFile}\`: use another name.`,
    )
  const known = new Set([...answer.lines('env.names'), ...skipped, ...answer.lines('environment.names')])
  const unset = [...new Set(texts.flatMap(bareVariables))].filter(name => !known.has(name))
  if (unset.length > 0)
    warnings.push(
      `The stack file uses ${unset.map(each => `\`${each}\``).join(', ')}, which \`${envFile}\` does not set: Swarm substitutes an empty string without an error.`,
    )
}
