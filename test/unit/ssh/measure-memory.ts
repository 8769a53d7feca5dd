/** Runs a command that writes far more than the limit, and prints the peak memory of this process in kilobytes. */
import { Failure } from '../../../src/core/errors.ts'
import { connect } from '../../../src/ssh/connection.ts'
import type { SshPlan } from '../../../src/ssh/plan.ts'

const [plan = '', bytes = '400000000'] = process.argv.slice(2)
await using connection = await connect(JSON.parse(plan) as SshPlan)
const before = process.resourceUsage().maxRSS
const error = await connection
  .run({ file: 'head', args: ['-c', bytes, '/dev/zero'] })
  .catch((reason: unknown) => reason)
const cause = error instanceof Failure ? error.problems[0]?.cause : String(error)
console.log(JSON.stringify({ before, peak: process.resourceUsage().maxRSS, cause }))
