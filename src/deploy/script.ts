import hostTools from '../target/compose-host/host-tools.sh'
import swarmApply from '../target/swarm/agent/apply.sh'
import swarmEnvironment from '../target/swarm/agent/environment.sh'
import swarmJudge from '../target/swarm/agent/judge.sh'
import swarmPullNodes from '../target/swarm/agent/pull-nodes.sh'
import swarmQuery from '../target/swarm/agent/query.sh'
import swarmStack from '../target/swarm/agent/stack.sh'
import swarmTransaction from '../target/swarm/agent/transaction.sh'
import swarmWatch from '../target/swarm/agent/watch.sh'
import broken from './agent/broken.sh'
import created from './agent/created.sh'
import declared from './agent/declared.sh'
import engine from './agent/engine.sh'
import files from './agent/files.sh'
import follow from './agent/follow.sh'
import gate from './agent/gate.sh'
import history from './agent/history.sh'
import hooks from './agent/hooks.sh'
import kept from './agent/kept.sh'
import lock from './agent/lock.sh'
import observe from './agent/observe.sh'
import openRun from './agent/open-run.sh'
import others from './agent/others.sh'
import parameters from './agent/parameters.sh'
import payload from './agent/payload.sh'
import payloadPaths from './agent/payload-paths.sh'
import pin from './agent/pin.sh'
import placePayload from './agent/place-payload.sh'
import prune from './agent/prune.sh'
import publicCheck from './agent/public-check.sh'
import pull from './agent/pull.sh'
import record from './agent/record.sh'
import recover from './agent/recover.sh'
import redact from './agent/redact.sh'
import rehearse from './agent/rehearse.sh'
import relay from './agent/relay.sh'
import restoreFiles from './agent/restore-files.sh'
import rollback from './agent/rollback.sh'
import run from './agent/run.sh'
import sequence from './agent/sequence.sh'
import settings from './agent/settings.sh'
import settle from './agent/settle.sh'
import settled from './agent/settled.sh'
import shadow from './agent/shadow.sh'
import startFirst from './agent/start-first.sh'
import sweep from './agent/sweep.sh'
import transaction from './agent/transaction.sh'
import up from './agent/up.sh'
import variables from './agent/variables.sh'
import verdict from './agent/verdict.sh'
import verify from './agent/verify.sh'
import withdraw from './agent/withdraw.sh'
import { stages } from './stages.ts'

/** The stages in which the service has not been touched, for a run that settles one that was cut off. */
const undoneStages = `undone_stages='${Object.entries(stages)
  .flatMap(([name, { cut }]) => (cut === 'undo' ? [name] : []))
  .join(' ')}'\n`

// The parts of both transactions.
const opening = [parameters, run, engine, lock, record, files, pull, settle]
const payloadParts = [payload, redact, payloadPaths, placePayload, restoreFiles, kept]

/** The transaction as one POSIX sh script, for dash, bash and busybox, joined from the files of deploy/agent. */
export const transactionScript = [
  ...opening,
  pin,
  variables,
  others,
  sequence,
  shadow,
  ...payloadParts,
  declared,
  created,
  settings,
  hooks,
  hostTools,
  rehearse,
  relay,
  startFirst,
  withdraw,
  up,
  gate,
  observe,
  verify,
  publicCheck,
  rollback,
  recover,
  broken,
  sweep,
  settled,
  history,
  prune,
  verdict,
  follow,
  transaction,
  undoneStages,
  'main "$@"\n',
].join('')

/**
 * The transaction on a manager of a Swarm. Functions that differ from those for a single server are in the last parts,
 * and replace the functions of the same name before them.
 */
export const swarmScript = [
  ...opening,
  variables,
  sequence,
  shadow,
  ...payloadParts,
  settings,
  hooks,
  publicCheck,
  sweep,
  settled,
  history,
  verdict,
  follow,
  transaction,
  swarmJudge,
  swarmQuery,
  swarmWatch,
  swarmPullNodes,
  swarmEnvironment,
  swarmStack,
  swarmApply,
  swarmTransaction,
  undoneStages,
  'main "$@"\n',
].join('')

/**
 * Returns the script for a project, by the name of its state directory. Only the name for a Swarm contains a `.`, as no
 * Compose project can have one.
 */
export const scriptFor = (project: string): string =>
  project.includes('.') ? swarmScript : transactionScript

/** Creates the directory of a run, and writes the script from stdin into it. Run by `sh -c`. */
export const openRunScript = `${openRun}open_run "$@"\n`
