import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Failure, type Problem } from '../core/errors.ts'
import { secretFile } from './command.ts'
import type { Secret } from './secrets.ts'

/**
 * Writes the secrets where the command will look for them, each in a file of its own (0600), and gives their values
 * for masking. A copy is taken of files too: the build then sees what was there when it began, also on a retry.
 */
export async function writeSecrets(
  secrets: readonly Secret[],
  directory: string,
  workspace: string,
): Promise<string[]> {
  const problems: Problem[] = []
  const contents = await Promise.all(secrets.map(secret => read(secret, workspace, problems)))
  if (problems.length > 0) throw new Failure('plan', problems)
  await Promise.all(
    contents.map((content, place) =>
      content === undefined ? undefined : writeFile(secretFile(directory, place), content, { mode: 0o600 }),
    ),
  )
  return contents.flatMap(content => (content === undefined ? [] : [content.toString()]))
}

async function read(secret: Secret, workspace: string, problems: Problem[]) {
  if (secret.kind === 'value') return secret.value
  if (secret.kind === 'variable') return undefined
  return await readFile(resolve(workspace, secret.path)).catch(() => {
    problems.push({
      input: 'secret-files',
      cause: `\`secret-files\` names \`${secret.path}\` for \`${secret.id}\`, which cannot be read.`,
      remedy: 'Give the path of a file that an earlier step has made.',
    })
    return undefined
  })
}
