import { posix } from 'node:path'
import type { Findings } from '../core/findings.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { lines } from '../inputs/lists.ts'
import { boolean } from '../inputs/values.ts'
import type { PayloadFile } from './files.ts'
import { type HookPlan, planHooks } from './hooks.ts'
import { hasControl, staysInside } from './paths.ts'
import { parseSettings, type Setting } from './settings.ts'

/** Files, settings and commands that travel with the image. A rollback restores the files and settings with it. */
export interface PayloadPlan {
  readonly files: readonly PayloadFile[]
  /** Whether to delete files that an earlier release copied and this one does not. */
  readonly filesDelete?: boolean
  /** Variables of the env file, with secret values. They are never logged, and only sent over the SSH connection. */
  readonly settings: readonly Setting[]
  /** The path of the env file, relative to the project directory. */
  readonly envFile: string
  readonly hooks: HookPlan
  /** Whether to deploy a release that is older than the running one. */
  readonly allowOlder: boolean
}

/** Whether the deploy uploads files or settings to the project directory. */
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

/** Parses `files-delete`. Rejects it without `files`, because it would delete every file that a deploy ever copied. */
function planDelete(inputs: Inputs, findings: Findings): boolean {
  const deletes = boolean(inputs, 'files-delete', findings, false)
  if (deletes && inputs.files === '') {
    findings.problems.push({
      input: 'files-delete',
      cause:
        '`files-delete` is `true`, but `files` is empty: every file that a deploy ever copied would be deleted.',
      remedy: 'List the files that the server needs in `files`, or remove `files-delete`.',
    })
  }
  return deletes
}

async function find(lines: string, workspace: string, findings: Findings): Promise<PayloadFile[]> {
  const { findFiles } = await import('./files.ts')
  return findFiles(lines, workspace, findings)
}

/**
 * Returns the env file to write settings to: `env-file`; by default the last of `compose-env-files`, which takes
 * precedence in Compose, or else `.env`.
 */
function planEnvFile(inputs: Inputs, { problems }: Findings): string {
  const text = inputs['env-file']
  const last = lines(inputs['compose-env-files']).at(-1)
  const fallback = last !== undefined && staysInside(last) ? last : '.env'
  const path = posix.normalize(text === '' ? fallback : text)
  if (!staysInside(path) || path.endsWith('/')) {
    problems.push({
      input: 'env-file',
      cause: `\`env-file\` is \`${text}\`, which is not a file in \`project-directory\`.`,
      remedy: 'Write a path relative to `project-directory` that stays inside it.',
    })
  } else if (hasControl(path)) {
    problems.push({
      input: 'env-file',
      cause: `\`env-file\` is ${JSON.stringify(text)}, whose name has a control character or a backslash.`,
      remedy: 'Rename the file.',
    })
  }
  return path
}
