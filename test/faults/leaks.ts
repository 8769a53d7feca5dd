import type { ActionRun } from '../rig/runner.ts'
import type { Lane } from './lane.ts'

/** Returns where a run shows a secret: in the log, the summary, the outputs, or the log of its post step. */
export function shownIn({ log, summary, outputs, post }: ActionRun, secrets: readonly string[]): string[] {
  const places = { log, summary, outputs: JSON.stringify(outputs), post: post?.log ?? '' }
  return Object.entries(places)
    .filter(([, text]) => secrets.some(secret => text.includes(secret)))
    .map(([name]) => name)
}

/**
 * Returns every file of the server that contains a secret. Ignores /usr, which is not the server's own, and the files
 * that are supposed to contain settings.
 */
export async function filesWith(
  { server, directory, state }: Lane,
  secrets: readonly string[],
): Promise<string[]> {
  const look =
    'grep -rlF -f - --exclude-dir=proc --exclude-dir=sys --exclude-dir=usr --devices=skip / 2>/dev/null; :'
  const { stdout } = await server.exec(look, { stdin: `${secrets.join('\n')}\n` })
  const copies = `${state}/(?:kept/[^/]+/files/\\.env|releases/web/[^/]+/files/(?:env|config\\.yaml))`
  const settings = new RegExp(`^(?:${directory}/\\.env|${copies})$`)
  return stdout.split('\n').filter(file => file !== '' && !settings.test(file))
}
