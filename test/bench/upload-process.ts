/**
 * Uploads a directory to a server once, as a deploy does. Runs as a separate process, so that its memory can be
 * measured.
 */
import { randomBytes } from 'node:crypto'
import type { Command } from '../../src/core/command.ts'
import { noFindings } from '../../src/core/findings.ts'
import { transactionScript } from '../../src/deploy/script.ts'
import { findFiles } from '../../src/payload/files.ts'
import { sendCommand } from '../../src/payload/send.ts'
import { connect } from '../../src/ssh/connection.ts'
import type { SshPlan } from '../../src/ssh/plan.ts'
import { noHooks } from '../unit/payload/no-hooks.ts'

/** The options, which the process reads from stdin. */
export interface UploadOptions {
  readonly ssh: SshPlan
  readonly workspace: string
  /** The directory on the server. */
  readonly directory: string
}

/**
 * The result, which the process prints on stdout. Times are in milliseconds from the start of the upload; they exclude
 * the connection and the script, which a deploy without files needs as well. Memory is in bytes.
 */
export interface UploadResult {
  /** The server has received all files. */
  readonly received: number
  /** All files are checked, on the disk and in place. */
  readonly placed: number
  readonly memoryBefore: number
  readonly memory: number
}

/**
 * Replaces the main function of the transaction: only checks the files, records the old ones and puts them in place.
 */
const filesOnly = `
case $1 in stage) stage; exit ;; esac
directory=$2 record=$run/record
exec 6>&1
umask "$(private_umask)"
find_limiter
mkdir "$record" && : >"$record/services" && merge_settings && refuse_unsafe_paths && make_shadow && place_payload
`

const chunks: Buffer[] = []
for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
const { ssh, workspace, directory } = JSON.parse(Buffer.concat(chunks).toString()) as UploadOptions
const files = await findFiles('.', workspace, noFindings())
const plan = {
  files,
  settings: [],
  envFile: '.env',
  hooks: noHooks,
  allowOlder: false,
}
const memoryBefore = peak()
await using connection = await connect(ssh)
const run = `${directory}/.slipway/bench/runs/${randomBytes(4).toString('hex')}`
const script = transactionScript.replace(/main "\$@"\n$/, filesOnly)
const execute = async (command: Command) => {
  const { code, stdout, stderr } = await connection.run(command)
  if (code !== 0) throw new Error(`exit ${code}\n${stdout}${stderr}`)
}
await execute({
  file: 'sh',
  args: ['-c', 'mkdir -p "$1" && cat >"$1/script"', 'sh', run],
  stdin: script,
})
const began = performance.now()
await execute(sendCommand(run, plan, false))
const received = performance.now() - began
await execute({ file: 'sh', args: [`${run}/script`, 'place', directory] })
const placed = performance.now() - began
await execute({ file: 'rm', args: ['-rf', run] })
process.stdout.write(
  JSON.stringify({ received, placed, memoryBefore, memory: peak() } satisfies UploadResult),
)

function peak(): number {
  return process.resourceUsage().maxRSS * 1024
}
