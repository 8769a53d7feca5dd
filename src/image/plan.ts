import type { Run } from '../core/command.ts'
import type { Context } from '../core/context.ts'
import type { Findings } from '../core/findings.ts'
import { trustOf } from '../github/trust.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { defaultFlavor, defaultRules } from './default-rules.ts'
import { filler, globalExpressions } from './expressions.ts'
import { parseFlavor } from './flavor.ts'
import { gitCommitDate, gitContext } from './git.ts'
import { type Annotations, describe } from './labels.ts'
import { type ImageName, parseImages } from './names.ts'
import { fixedVersion, fullReferences, planTags } from './planned-tags.ts'
import { parseReference, type Reference } from './reference.ts'
import { parseTagLines } from './tag-lines.ts'
import { readTrigger, type Trigger, workflowContext } from './trigger.ts'
import { nameVersion } from './version.ts'

/** The names, tags, labels and annotations of the image. */
export interface ImagePlan {
  /** The repositories to push to: the enabled images, and the repositories of full references in `tags`. */
  readonly images: readonly ImageName[]
  /** Full references without duplicates, in the order of docker/metadata-action; empty if no rule yields a tag. */
  readonly tags: readonly string[]
  /** The tags without repository, except those of full references. */
  readonly tagNames: readonly string[]
  /** The first tag; empty if there is none. */
  readonly version: string
  /** `key=value`, sorted by key. */
  readonly labels: readonly string[]
  readonly annotations: Annotations
}

/** Returns the reference of an image that is not built: the one with a digest, otherwise the first tag. */
export function existingName({ tags, images }: Pick<ImagePlan, 'tags' | 'images'>): Reference | undefined {
  const byDigest = images.find(({ reference }) => reference.digest !== undefined)?.reference
  const first = parseReference(tags[0] ?? '')
  return byDigest ?? ('reason' in first ? undefined : first)
}

/** What the plan of the image reads from the runner. */
export interface RunnerState {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: Date
  /** Runs git for facts that the event lacks; undefined: use only the event. */
  readonly run?: Run
}

/** Plans the names of the image from the inputs and the event. Adds every problem to the findings. */
export async function planImage(
  inputs: Inputs,
  context: Context,
  runner: RunnerState,
  findings: Findings,
): Promise<ImagePlan> {
  const trusted = withoutUntrustedGit(context, runner)
  const imageContext = await contextOf(inputs, context, trusted, findings)
  const trigger = await triggerOf(imageContext, trusted, findings)
  const { rules, references, flavor } = rulesOf(inputs, trigger, findings)
  const full = fullReferences(rendered(references, trigger, findings), imageContext, findings)
  const onlyFull = references.length > 0 && rules.length === 0 && inputs.image === '' && inputs.images === ''
  const images = onlyFull ? [] : parseImages(inputs, imageContext, findings)
  const version =
    fixedVersion(images, inputs, findings) ?? (await nameVersion(rules, flavor, trigger, findings))
  const planned = planTags(images, version, full, findings)
  return { ...planned, ...describe(inputs, imageContext, trigger, planned, runner.env, findings) }
}

function rendered(templates: readonly string[], trigger: Trigger, findings: Findings): string[] {
  const fill = filler('tags', findings)
  return templates.map(template => fill(template, globalExpressions(trigger)))
}

/**
 * Removes git if the workspace may hold the repository of somebody else, because git runs programs that the
 * configuration of a repository names.
 */
const withoutUntrustedGit = (context: Context, { run, ...runner }: RunnerState): RunnerState =>
  run === undefined || trustOf(context) !== 'own' ? runner : { ...runner, run }

async function contextOf(inputs: Inputs, context: Context, { env, run }: RunnerState, findings: Findings) {
  const source = inputs['metadata-context'] || 'workflow'
  if (source === 'git' && run !== undefined) return await gitContext(context, run, findings)
  if (source === 'git') findings.warnings.push(noGit)
  else if (source !== 'workflow') {
    findings.problems.push({
      input: 'metadata-context',
      cause: `\`metadata-context\` is \`${source}\`, which does not exist.`,
      remedy: 'Use `workflow` (the event) or `git` (the checked-out commit).',
    })
  }
  return workflowContext(context, env)
}

const noGit =
  '`metadata-context: git` has no effect in an untrusted run (fork, Dependabot): Slipway does not run git in its workspace, and takes tags and labels from the event.'

async function triggerOf(context: Context, { env, now, run }: RunnerState, findings: Findings) {
  const trigger = readTrigger(context, env, now, findings)
  if (trigger.commitDate !== undefined || run === undefined) return trigger
  return { ...trigger, commitDate: await gitCommitDate(context, trigger.sha, run) }
}

function rulesOf(inputs: Inputs, trigger: Trigger, findings: Findings) {
  const flavor = parseFlavor(inputs.flavor, findings)
  const fromInput = parseTagLines(inputs.tags, trigger.ref, findings)
  const isEmpty = inputs.tags.split('\n').every(line => /^\s*(?:#|$)/.test(line))
  if (!isEmpty) return { ...fromInput, flavor }
  return {
    ...parseTagLines(defaultRules(trigger), trigger.ref, findings),
    flavor: defaultFlavor(flavor, trigger),
  }
}
