import { posix } from 'node:path'
import type { Findings } from '../core/findings.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { lines } from '../inputs/lists.ts'
import { boolean } from '../inputs/values.ts'
import type { PayloadFile } from './files.ts'
import { type HookPlan, planHooks } from './hooks.ts'
import { hasControl, inside } from './inside.ts'
import { parseSettings, type Setting } from './settings.ts'

/** What travels with the image, and is restored with it by a rollback. */
export interface PayloadPlan {
  readonly files: readonly PayloadFile[]
  /** Delete files that an earlier release copied and this one does not have. */
  readonly filesDelete?: boolean
  /** Variables of the env file with their secret values: never logged, sent over the connection alone. */
  readonly settings: readonly Setting[]
  /** Relative to the project directory. */
  readonly envFile: string
  readonly hooks: HookPlan
  /** Deploy a release that is older than the running one. */
  readonly allowOlder: boolean
}

/** Tells whether the deploy writes anything to the project directory. */
export const hasUploads = ({ files, settings }: Pick<PayloadPlan, 'files' | 'settings'>): boolean =>
  files.length > 0 || settings.length > 0

export async function planPayload(
  inputs: Inputs,
  workspace: string,
  findings: Findings,
): Promise<PayloadPlan> {
  return {
    files: inputs.files === '' ? [] : await find(inputs.files, workspace, findings),
    filesDelete: planDelete(inputs, findings),
    settings: parseSettings(inputs.env, findings),
    envFile: planEnvFile(inputs, findings),
    hooks: planHooks(inputs, findings),
    allowOlder: boolean(inputs, 'allow-older', findings, false),
  }
}

/** Parses `files-delete`; rejects it without `files`, as it would delete every file that was ever copied. */
function planDelete(inputs: Inputs, findings: Findings): boolean {
  const deletes = boolean(inputs, 'files-delete', findings, false)
  if (deletes && inputs.files === '') {
    findings.problems.push({
      input: 'files-delete',
      cause:
        '`files-delete` is `true`, and `files` is empty: every file that was ever copied would be deleted.',
      remedy: 'Give `files` what the server has to have, or leave out `files-delete`.',
    })
  }
  return deletes
}

async function find(lines: string, workspace: string, findings: Findings): Promise<PayloadFile[]> {
  const { findFiles } = await import('./files.ts')
  return findFiles(lines, workspace, findings)
}

/** Returns the env file that settings go to: the last of `compose-env-files`, which wins in Compose, else `.env`. */
function planEnvFile(inputs: Inputs, { problems }: Findings): string {
  const text = inputs['env-file']
  const last = lines(inputs['compose-env-files']).at(-1)
  const path = posix.normalize(text === '' ? (last !== undefined && inside(last) ? last : '.env') : text)
  if (!inside(path) || path.endsWith('/')) {
    problems.push({
      input: 'env-file',
      cause: `\`env-file\` is \`${text}\`, which is not a file in \`project-directory\`.`,
      remedy: 'Write a path that is relative to `project-directory` and stays in it.',
    })
  } else if (hasControl(path)) {
    problems.push({
      input: 'env-file',
      cause: `\`env-file\` is ${JSON.stringify(text)}, whose name has a control character or a backslash.`,
      remedy: 'Give it another name.',
    })
  }
  return path
}
