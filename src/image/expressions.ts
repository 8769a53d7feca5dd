import type { Findings } from '../core/findings.ts'
import type { InputName } from '../inputs/inputs.ts'
import { formatDate } from './date.ts'
import { type Call, type Expressions, render, TemplateError } from './template.ts'
import { branchOf, type Trigger, tagOf } from './trigger.ts'

/** Returns the date expressions, the only ones allowed in the pattern of `type=schedule`. */
export const dateExpressions = (trigger: Trigger): Expressions => ({
  date: call => dateOf(call, trigger.now, 'date'),
  // If the date of the commit is unknown, docker/metadata-action also uses the current time.
  commit_date: call => dateOf(call, trigger.commitDate ?? trigger.now, 'commit_date'),
})

/**
 * Returns the global expressions of docker/metadata-action, for `value`, `prefix`, `suffix`, `enable`, labels and
 * annotations.
 */
export const globalExpressions = (trigger: Trigger): Expressions => ({
  branch: () => branchOf(trigger.ref) ?? '',
  tag: () => tagOf(trigger.ref) ?? '',
  sha: () => trigger.shortSha,
  base_ref: () => trigger.baseRef,
  is_default_branch: () => String(trigger.onDefaultBranch),
  is_not_default_branch: () => String(!trigger.onDefaultBranch),
  ...dateExpressions(trigger),
})

function dateOf(
  { args: [format], options: { tz = 'UTC', ...others } }: Call,
  date: Date,
  name: string,
): string {
  if (format === undefined) throw new TemplateError(`has \`{{${name}}}\` without a format in quotes`)
  const [other] = Object.keys(others)
  if (other !== undefined)
    throw new TemplateError(`has \`{{${name}}}\` with \`${other}=\`, but the only option is \`tz=\``)
  return formatDate(date, format, tz)
}

/** Renders a template. An error in the template becomes a finding, reported once. */
export type Fill = (template: string, expressions: Expressions) => string

/**
 * Returns a renderer for the templates of an input. With `keepsUnknown`, braces without a known expression remain as
 * they are; a label from another step may contain such text.
 */
export const filler =
  (input: InputName, findings: Findings, keepsUnknown = false): Fill =>
  (template, expressions) => {
    if (!template.includes('{{')) return template
    try {
      const { text, unknown } = render(template, expressions, keepsUnknown)
      for (const name of unknown) warnUnknown(input, name, template, expressions, findings)
      return text
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error
      addProblem(findings, {
        input,
        cause: `\`${input}\` ${error.message}: \`${template}\`.`,
        remedy:
          error.remedy ?? `Available expressions: ${names(expressions)}. For literal braces, write \`\\{{\`.`,
      })
      return ''
    }
  }

function warnUnknown(
  input: string,
  name: string,
  template: string,
  expressions: Expressions,
  { warnings }: Findings,
) {
  const warning = `\`${input}\`: \`{{${name}}}\` in \`${template}\` is unknown and stays empty. Available expressions: ${names(expressions)}.`
  if (!warnings.includes(warning)) warnings.push(warning)
}

const names = (expressions: Expressions): string =>
  Object.keys(expressions)
    .map(name => `\`{{${name}}}\``)
    .join(', ')

/** Adds a problem unless the findings have it already: one template may be rendered for many tags. */
export function addProblem({ problems }: Findings, problem: Findings['problems'][number]): void {
  if (!problems.some(({ cause }) => cause === problem.cause)) problems.push(problem)
}
