/**
 * A small GitHub runner: runs the JavaScript action of a directory as GitHub does (its committed bundle, under
 * Node 24, in a clean environment; main, then post), and gives what came of it. It knows nothing of the source.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { completeContext, defaultEvent, type GithubContext } from './runner/context.ts'
import { holds } from './runner/expressions.ts'
import { stepInputs } from './runner/inputs.ts'
import { closeJob, type Job, leftBehind, openJob } from './runner/job.ts'
import { type Manifest, readManifest } from './runner/manifest.ts'
import { Masks } from './runner/masks.ts'
import { endOrphans } from './runner/orphans.ts'
import type { Acting, ActionOptions, ActionRun, Phase } from './runner/shapes.ts'
import { type RunningStep, type StepRun, startStep } from './runner/step.ts'

export type { GithubContext } from './runner/context.ts'
export type { Annotation, Group } from './runner/log.ts'
export type { Orphan } from './runner/orphans.ts'
export type { Acting, ActionOptions, ActionRun, Phase } from './runner/shapes.ts'
export type { StepRun } from './runner/step.ts'

const repository = join(import.meta.dirname, '..', '..')

/** Runs an action to the end of its post. Its failure is a value; only a wrong use of the runner throws. */
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
  const fate: Fate = { cancelled: false, lost: false }
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
    const handle = acting(step, fate)
    const timer = setTimeout(handle.cancel, options.timeout ?? 300_000)
    return step.done.finally(() => clearTimeout(timer))
  }

  const main = await run('main', manifest.main, {})
  const conclusion = fate.cancelled ? 'cancelled' : main.code === 0 ? 'success' : 'failure'
  if (!fate.lost) await options.between?.(main)
  const { post: script } = manifest
  const due = script !== undefined && !fate.lost && holds(manifest.postIf, conclusion)
  const post = due ? await run('post', script, laterEnvironment(main, job, options)) : undefined
  return {
    ...main,
    conclusion,
    post,
    durations: { main: main.milliseconds, post: post?.milliseconds ?? 0 },
    warnings: inputs.warnings,
    orphans: endOrphans(job.trackingId),
    left: leftBehind(job),
  }
}

interface Fate {
  cancelled: boolean
  lost: boolean
}

function acting({ child }: RunningStep, fate: Fate): Acting {
  return {
    pid: child.pid,
    kill: child.kill,
    cancel() {
      fate.cancelled = true
      void child.cancel()
    },
    die() {
      fate.lost = true
      child.kill('SIGKILL')
    },
  }
}

/** What the post script sees more than main did: main's state, and what it put into the job's environment. */
function laterEnvironment(main: StepRun, job: Job, { env }: ActionOptions): Record<string, string> {
  const state = Object.entries(main.state).map(([name, value]) => [`STATE_${name}`, value])
  const path = [...main.path.toReversed(), env?.['PATH'] ?? job.variables['PATH']].join(':')
  return { ...main.env, ...(Object.fromEntries(state) as Record<string, string>), PATH: path }
}

/** The Node of this process where it is 24, else the development dependency's. */
function findNode(): string {
  if (process.versions.node.startsWith('24.')) return process.execPath
  const found = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node')
  if (!existsSync(found)) throw new Error('there is no Node 24 here: run npm ci')
  return found
}
