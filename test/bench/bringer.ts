/** Brings a directory to a server once, as a deploy does; a process of its own, so that its memory can be told. */
import { randomBytes } from 'node:crypto'
import type { Command } from '../../src/core/command.ts'
import { noFindings } from '../../src/core/findings.ts'
import { transactionScript } from '../../src/deploy/script.ts'
import { findFiles } from '../../src/payload/files.ts'
import { sendCommand } from '../../src/payload/send.ts'
import { connect } from '../../src/ssh/connection.ts'
import type { SshPlan } from '../../src/ssh/plan.ts'

/** What it is told on stdin. */
export interface Errand {
  readonly ssh: SshPlan
  readonly workspace: string
  /** On the server. */
  readonly directory: string
}

/**
 * What it tells on stdout: milliseconds since it began to send, over the connection and beside the script that a deploy
 * has without files, too; and bytes.
 */
export interface Brought {
  readonly taken: number
  readonly placed: number
  readonly memoryBefore: number
  readonly memory: number
}

/** What the transaction does with the files, alone: looked at, recorded, put in place. */
const alone = `
case $1 in stage) stage; exit ;; esac
directory=$2 record=$run/record
exec 6>&1
umask "$(private_umask)"
find_limiter
mkdir "$record" && : >"$record/services" && merge_settings && refuse_unsafe_paths && make_shadow && place_payload
`

const chunks: Buffer[] = []
for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
const { ssh, workspace, directory } = JSON.parse(Buffer.concat(chunks).toString()) as Errand
const files = await findFiles('.', workspace, noFindings())
const plan = {
  files,
  settings: [],
  envFile: '.env',
  hooks: {
    hostBefore: [],
    runBefore: [],
    execBefore: [],
    runAfter: [],
    execAfter: [],
    hostAfter: [],
    timeout: 600,
  },
  allowOlder: false,
}
const memoryBefore = peak()
await using connection = await connect(ssh)
const run = `${directory}/.slipway/bench/runs/${randomBytes(4).toString('hex')}`
const script = transactionScript.replace(/main "\$@"\n$/, alone)
const does = async (command: Command) => {
  const { code, stdout, stderr } = await connection.run(command)
  if (code !== 0) throw new Error(`exit ${code}\n${stdout}${stderr}`)
}
await does({
  file: 'sh',
  args: ['-c', 'mkdir -p "$1" && cat >"$1/script"', 'sh', run],
  stdin: script,
})
const began = performance.now()
await does(sendCommand(run, plan, false))
const taken = performance.now() - began
await does({ file: 'sh', args: [`${run}/script`, 'place', directory] })
const placed = performance.now() - began
await does({ file: 'rm', args: ['-rf', run] })
process.stdout.write(JSON.stringify({ taken, placed, memoryBefore, memory: peak() } satisfies Brought))

function peak(): number {
  return process.resourceUsage().maxRSS * 1024
}
