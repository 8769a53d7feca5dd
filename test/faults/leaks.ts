import type { ActionRun } from '../rig/runner.ts'
import type { Lane } from './lane.ts'

/** Where a run shows a secret: on the console as GitHub shows it, in what it hands on. */
export function shownIn({ log, summary, outputs, post }: ActionRun, secrets: readonly string[]): string[] {
  const places = { log, summary, outputs: JSON.stringify(outputs), post: post?.log ?? '' }
  return Object.entries(places)
    .filter(([, text]) => secrets.some(secret => text.includes(secret)))
    .map(([name]) => name)
}

/** Every file of the server that has one of them in it, but for what is not its own (`/usr`), and where settings belong. */
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
