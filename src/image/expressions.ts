import type { Findings } from '../core/findings.ts'
import type { InputName } from '../inputs/inputs.ts'
import { formatDate } from './date.ts'
import { type Call, type Expressions, render, TemplateError } from './template.ts'
import { branchOf, type Trigger, tagOf } from './trigger.ts'

/** Returns the date expressions, which are all that the pattern of `type=schedule` may use. */
export const dateExpressions = (trigger: Trigger): Expressions => ({
  date: call => dateOf(call, trigger.now, 'date'),
  // If the date of the commit is unknown, Docker's action takes the present as well.
  commit_date: call => dateOf(call, trigger.commitDate ?? trigger.now, 'commit_date'),
})

/** Returns docker/metadata-action's global expressions, for `value`, `prefix`, `suffix`, `enable`, labels and annotations. */
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
    throw new TemplateError(`has \`{{${name}}}\` with \`${other}=\`, and only \`tz=\` is known`)
  return formatDate(date, format, tz)
}

/** Fills in a template; an error in it becomes a finding, reported once. */
export type Fill = (template: string, expressions: Expressions) => string

/** `keepsUnknown`: braces that name no expression are text, such as that of a label which another step made. */
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
      refuse(findings, {
        input,
        cause: `\`${input}\` ${error.message}: \`${template}\`.`,
        remedy:
          error.remedy ??
          `Known here are ${names(expressions)}; \`\\{{\` is for braces that are meant as such.`,
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
  const warning = `\`${input}\`: \`{{${name}}}\` in \`${template}\` is empty: known here are ${names(expressions)}.`
  if (!warnings.includes(warning)) warnings.push(warning)
}

const names = (expressions: Expressions): string =>
  Object.keys(expressions)
    .map(name => `\`{{${name}}}\``)
    .join(', ')

/** Adds a problem unless it is already there: one template may be read for many tags. */
export function refuse({ problems }: Findings, problem: Findings['problems'][number]): void {
  if (!problems.some(({ cause }) => cause === problem.cause)) problems.push(problem)
}
