/**
 * A small GitHub runner. Runs a JavaScript action from its directory as GitHub does: the committed bundle, under Node
 * 24, in a clean environment, main then post. Returns the results. It knows nothing about the action's source.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { completeContext, defaultEvent, type GithubContext } from './runner/context.ts'
import { conditionHolds } from './runner/expressions.ts'
import { stepInputs } from './runner/inputs.ts'
import { closeJob, type Job, leftoverFiles, openJob } from './runner/job.ts'
import { type Manifest, readManifest } from './runner/manifest.ts'
import { Masks } from './runner/masks.ts'
import { endOrphans } from './runner/orphans.ts'
import { type RunningStep, type StepRun, startStep } from './runner/step.ts'
import type { ActionOptions, ActionRun, Phase, RunningAction } from './runner/types.ts'

export type { GithubContext } from './runner/context.ts'
export type { Annotation, Group } from './runner/log.ts'
export type { Orphan } from './runner/orphans.ts'
export type { StepRun } from './runner/step.ts'
export type { ActionOptions, ActionRun, Phase, RunningAction } from './runner/types.ts'

const repository = join(import.meta.dirname, '..', '..')

/** Runs an action, including post. Resolves even if the action fails; throws only if the runner is used wrongly. */
export async function runAction(options: ActionOptions = {}): Promise<ActionRun> {
  const action = options.action ?? repository
  const manifest = readManifest(action)
  const context = completeContext(options.github ?? {})
  const event = options.event ?? defaultEvent(context)
  const job = openJob({ action, context, event, workspace: options.workspace, home: options.home })
  try {
    return await runSteps(options, action, manifest, job, context, event)
  } finally {
    closeJob(job)
  }
}

async function runSteps(
  options: ActionOptions,
  action: string,
  manifest: Manifest,
  job: Job,
  context: GithubContext,
  event: unknown,
): Promise<ActionRun> {
  const runner = { os: 'Linux', temp: job.temp }
  const inputs = stepInputs(manifest, options.with ?? {}, { github: { ...context, event }, runner })
  const masks = new Masks([context['token'] ?? '', ...(options.secrets ?? [])])
  const interruption: Interruption = { cancelled: false, lost: false }
  const run = async (phase: Phase, script: string, more: Readonly<Record<string, string>>) => {
    const step = await startStep({
      node: findNode(),
      script: join(action, script),
      cwd: job.workspace,
      env: { ...job.variables, ...options.env, ...inputs.variables, ...more },
      files: join(job.files, phase),
      masks,
      warnings: phase === 'main' ? inputs.warnings : [],
      onLine: line => options.onLine?.(line, handle, phase),
    })
    const handle = handleOf(step, interruption)
    const timer = setTimeout(handle.cancel, options.timeout ?? 300_000)
    return step.done.finally(() => clearTimeout(timer))
  }

  const main = await run('main', manifest.main, {})
  const conclusion = interruption.cancelled ? 'cancelled' : main.code === 0 ? 'success' : 'failure'
  if (!interruption.lost) await options.between?.(main)
  const { post: script } = manifest
  const due = script !== undefined && !interruption.lost && conditionHolds(manifest.postIf, conclusion)
  const post = due ? await run('post', script, postEnvironment(main, job, options)) : undefined
  return {
    ...main,
    conclusion,
    post,
    durations: { main: main.milliseconds, post: post?.milliseconds ?? 0 },
    warnings: inputs.warnings,
    orphans: endOrphans(job.trackingId),
    leftovers: leftoverFiles(job),
  }
}

interface Interruption {
  cancelled: boolean
  lost: boolean
}

function handleOf({ child }: RunningStep, interruption: Interruption): RunningAction {
  return {
    pid: child.pid,
    kill: child.kill,
    cancel() {
      interruption.cancelled = true
      void child.cancel()
    },
    loseRunner() {
      interruption.lost = true
      child.kill('SIGKILL')
    },
  }
}

/** Returns the variables that post gets in addition to main's: main's state, and what it added to the environment. */
function postEnvironment(main: StepRun, job: Job, { env }: ActionOptions): Record<string, string> {
  const state = Object.entries(main.state).map(([name, value]) => [`STATE_${name}`, value])
  const path = [...main.path.toReversed(), env?.['PATH'] ?? job.variables['PATH']].join(':')
  return { ...main.env, ...(Object.fromEntries(state) as Record<string, string>), PATH: path }
}

/** Returns the path of Node 24: this process's own, otherwise that of the development dependency. */
function findNode(): string {
  if (process.versions.node.startsWith('24.')) return process.execPath
  const found = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node')
  if (!existsSync(found)) throw new Error('Node 24 is not installed: run npm ci')
  return found
}
