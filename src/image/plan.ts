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
import { fullReferences, ownVersion, planTags } from './planned-tags.ts'
import { parseTagLines } from './tag-lines.ts'
import { readTrigger, type Trigger, workflowContext } from './trigger.ts'
import { nameVersion } from './version.ts'

/** The names, tags, labels and annotations of the image. */
export interface ImagePlan {
  /** The repositories to push to: those that are enabled, and those of full references in `tags`. */
  readonly images: readonly ImageName[]
  /** Full references, in docker/metadata-action's order, none twice; empty: nothing made a tag. */
  readonly tags: readonly string[]
  /** The tags alone, without those of full references. */
  readonly tagNames: readonly string[]
  /** The first tag; empty where there is none. */
  readonly version: string
  /** `key=value`, by key. */
  readonly labels: readonly string[]
  readonly annotations: Annotations
}

/** What planning needs from the runner. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: Date
  /** Runs git, for what the event does not say; without it, the event alone is used. */
  readonly run?: Run
}

/** Plans the names of the image from the inputs and the event. Adds every problem to the findings. */
export async function planImage(
  inputs: Inputs,
  context: Context,
  around: Surroundings,
  findings: Findings,
): Promise<ImagePlan> {
  const trusted = withoutForeignGit(context, around)
  const seen = await contextOf(inputs, context, trusted, findings)
  const trigger = await triggerOf(seen, trusted, findings)
  const { rules, references, flavor } = rulesOf(inputs, trigger, findings)
  const full = fullReferences(filled(references, trigger, findings), seen, findings)
  const onlyFull = references.length > 0 && rules.length === 0 && inputs.image === '' && inputs.images === ''
  const images = onlyFull ? [] : parseImages(inputs, seen, findings)
  const version =
    ownVersion(images, inputs, findings) ?? (await nameVersion(rules, flavor, trigger, findings))
  const planned = planTags(images, version, full, findings)
  return { ...planned, ...describe(inputs, seen, trigger, planned, around.env, findings) }
}

function filled(templates: readonly string[], trigger: Trigger, findings: Findings): string[] {
  const fill = filler('tags', findings)
  return templates.map(template => fill(template, globalExpressions(trigger)))
}

/** Takes git away if the workspace may hold a stranger's repository, whose configuration names programs that git runs. */
const withoutForeignGit = (context: Context, { run, ...around }: Surroundings): Surroundings =>
  run === undefined || trustOf(context) !== 'own' ? around : { ...around, run }

async function contextOf(inputs: Inputs, context: Context, { env, run }: Surroundings, findings: Findings) {
  const source = inputs['metadata-context'] || 'workflow'
  if (source === 'git' && run !== undefined) return await gitContext(context, run, findings)
  if (source === 'git') findings.warnings.push(noGit)
  else if (source !== 'workflow') {
    findings.problems.push({
      input: 'metadata-context',
      cause: `\`metadata-context\` is \`${source}\`, which does not exist.`,
      remedy: 'Write `workflow` (the event) or `git` (what is checked out).',
    })
  }
  return workflowContext(context, env)
}

const noGit =
  '`metadata-context: git` has no effect in a run for a pull request of somebody else: git is not run in its workspace, and tags and labels are those of the event.'

async function triggerOf(context: Context, { env, now, run }: Surroundings, findings: Findings) {
  const trigger = readTrigger(context, env, now, findings)
  if (trigger.commitDate !== undefined || run === undefined) return trigger
  return { ...trigger, commitDate: await gitCommitDate(context, trigger.sha, run) }
}

function rulesOf(inputs: Inputs, trigger: Trigger, findings: Findings) {
  const flavor = parseFlavor(inputs.flavor, findings)
  const given = parseTagLines(inputs.tags, trigger.ref, findings)
  const none = inputs.tags.split('\n').every(line => /^\s*(?:#|$)/.test(line))
  if (!none) return { ...given, flavor }
  return {
    ...parseTagLines(defaultRules(trigger), trigger.ref, findings),
    flavor: defaultFlavor(flavor, trigger),
  }
}
