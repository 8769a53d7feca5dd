import { posix } from 'node:path'
import type { Run } from '../../core/command.ts'
import { lastLines, type Problem } from '../../core/errors.ts'
import type { Findings } from '../../core/findings.ts'
import settingsScript from '../../deploy/agent/settings.sh'
import { hasUploads } from '../../payload/plan.ts'
import { type Answer, ask, isProblem, type Question } from '../compose-host/answer.ts'
import type { Project, Tools } from '../compose-host/facts.ts'
import { askSketch } from '../compose-host/sketch.ts'
import { lockedUploadsOf } from '../compose-host/writable.ts'
import type { DeployPlan } from '../plan.ts'
import type { SwarmPlan } from '../swarm-plan.ts'
import environmentScript from './agent/environment.sh'
import { bareVariables, ignoredKeys, readStack, type StackService } from './stack-file.ts'
import stackScript from './stack-question.sh'

/** The plan of a deploy to a Swarm. */
export type SwarmDeployPlan = DeployPlan & { readonly swarm: SwarmPlan }

/** What a manager has of the project: its directory, and the stack as its files declare it. */
export interface Files {
  readonly directory: string
  readonly writable: boolean
  readonly missing: boolean
  readonly settings: readonly string[] | undefined
  readonly locked: Pick<Project, 'lockedUploads'>
  /** Undefined where no files are given. */
  readonly stack: readonly StackService[] | undefined
  readonly paths: readonly string[]
}

function stackQuestion(tools: Tools, plan: SwarmDeployPlan): Question {
  const { projectDirectory, composeFiles, payload } = plan
  return {
    script: environmentScript + stackScript,
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

/** Reads the stack file as Swarm does, with what is brought, where anything is. Undefined: a problem says why not. */
export async function readFiles(
  run: Run,
  tools: Tools,
  plan: SwarmDeployPlan,
  findings: Findings,
): Promise<Files | undefined> {
  const question = stackQuestion(tools, plan)
  const { payload } = plan
  const answer =
    payload !== undefined && hasUploads(payload)
      ? await askSketch(run, question, payload, false)
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
    missing: answer.has('sketch.missing'),
    settings: answer.has('sketch.settings') ? answer.text('sketch.settings').split(', ') : undefined,
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
      cause: `\`project-directory\` is \`${projectDirectory}\`, which ${answer.has('forbidden') ? 'the login may not enter' : 'is not there'} on the server.`,
      remedy: 'Create it there, or upload the stack file with `files`: then Slipway creates it.',
    }
  }
  if (!answer.has('absent')) return undefined
  return {
    input: 'compose-files',
    cause: `\`compose-files\` names \`${answer.text('absent')}\`, which \`${answer.text('directory')}\` on the server does not have (given: ${composeFiles.join(', ')}).`,
    remedy: `There are: ${answer.lines('listing').join(', ') || 'no files'}. \`files\` uploads it from the repository.`,
  }
}

const changedConfig = (name: string): Problem => ({
  input: 'compose-files',
  cause: `The config \`${name}\` of the stack file is in the swarm with another content, and Swarm lets no config change.`,
  remedy:
    'Name it by its content: `name: nginx_${CONFIG_HASH}` in the stack file, and `CONFIG_HASH` in `env` (recipe `swarm-stack`).',
})

/** Before 23.0 there is no `docker stack config`. */
const unreadable = (answer: Answer): Problem => ({
  input: 'compose-files',
  cause: 'Swarm does not take the stack file: `docker stack config` ends with an error.',
  remedy:
    'Change what it names. A Swarm takes less than Compose does (page `swarm.md`); `docker stack config` needs a docker client of 23.0 or later on the manager.',
  output: lastLines(answer.text('stack.error')),
})

async function warnOfFiles(answer: Answer, plan: SwarmDeployPlan, { warnings }: Findings): Promise<void> {
  const texts = answer.sections.filter(({ name }) => name === 'raw').map(({ lines }) => lines.join('\n'))
  const keys = (await Promise.all(texts.map(ignoredKeys))).flat()
  if (keys.length > 0)
    warnings.push(
      `Swarm ignores ${[...new Set(keys)].map(each => `\`${each}\``).join(', ')} of the stack file.`,
    )
  const known = new Set([...answer.lines('env.names'), ...answer.lines('environment.names')])
  const unset = [...new Set(texts.flatMap(bareVariables))].filter(name => !known.has(name))
  if (unset.length > 0)
    warnings.push(
      `The stack file takes ${unset.map(each => `\`${each}\``).join(', ')}, which \`${plan.payload?.envFile ?? '.env'}\` does not set: Swarm takes nothing for it, without an error.`,
    )
}
