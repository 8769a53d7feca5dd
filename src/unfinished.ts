import { Failure } from './core/errors.ts'
import { noFindings } from './core/findings.ts'
import type { Log } from './core/log.ts'
import type { Environment, Undo } from './core/runtime.ts'
import { outcomeOf } from './deploy/outcome.ts'
import { resume } from './deploy/transaction.ts'
import type { Inputs } from './inputs/inputs.ts'
import { connect } from './ssh/connection.ts'
import { planSsh } from './ssh/target.ts'

const title = 'slipway: deploy'

/** Follows the transaction of a step that was killed or cancelled to its end on the server, and reports its verdict. */
export async function followUnfinished(
  { path, shownBytes = 0 }: Extract<Undo, { readonly kind: 'run' }>,
  inputs: Inputs,
  env: Environment,
  log: Log,
): Promise<void> {
  const ssh = planSsh(inputs, env, noFindings())
  if (ssh === undefined) return
  const verdict = await log
    .group('Follow the deploy to its end on the server', () =>
      resume(path, shownBytes, {
        connect: () => connect(ssh, { stage: 'deploy' }),
        print: log.output,
        cancelled: new AbortController().signal,
      }),
    )
    .catch((error: unknown) => {
      if (error instanceof Failure) return error
      throw error
    })
  if (verdict instanceof Failure) {
    for (const { cause, remedy = '' } of verdict.problems)
      log.error(`${cause} ${remedy}`.trimEnd(), { title })
    return
  }
  if (verdict === undefined) {
    log.notice('The server has no trace of the deploy: it had already ended, or had not begun.')
    return
  }
  const text = outcomeOf(verdict)
  if (['ok', 'unchanged', 'superseded'].includes(verdict.kind)) log.notice(text)
  else log.error(text, { title })
}
