import type { Command, Run } from '../core/command.ts'
import { Failure, lastLines, type Stage } from '../core/errors.ts'

/**
 * Takes the place of the file only when all of it is there: a connection that drops ends stdin like a file that is
 * whole. A directory that others can write to is no danger (`set -C` follows no link).
 */
const script = `
set -C
umask 077
part="$1.$$"
trap 'rm -f -- "$part"' EXIT
trap 'exit 1' HUP INT TERM
cat >"$part" && [ "$(wc -c <"$part")" -eq "$3" ] && chmod "$2" "$part" && mv -f -- "$part" "$1"
`

/** Puts bytes into a file on the server, by stdin; needs no SFTP there. */
export const uploadCommand = (path: string, content: Uint8Array, mode = 0o600): Command => ({
  file: 'sh',
  args: ['-c', script, 'sh', path, mode.toString(8), String(content.length)],
  stdin: content,
})

/** Uploads a file whole, or rejects with a Failure and leaves what was there. */
export async function upload(
  run: Run,
  path: string,
  content: Uint8Array,
  mode?: number,
  stage: Stage = 'deploy',
): Promise<void> {
  const { code, stderr } = await run(uploadCommand(path, content, mode))
  if (code === 0) return
  throw new Failure(stage, {
    cause: `${path} could not be written on the server${code === null ? ': the connection dropped' : ''}.`,
    remedy: 'Is there space on its disk, and may the user write to the directory?',
    output: lastLines(stderr),
  })
}
