import shadow from './server/shadow.sh'
import bring from './server/transaction/bring.sh'
import broken from './server/transaction/broken.sh'
import declared from './server/transaction/declared.sh'
import engine from './server/transaction/engine.sh'
import files from './server/transaction/files.sh'
import follow from './server/transaction/follow.sh'
import front from './server/transaction/front.sh'
import gate from './server/transaction/gate.sh'
import history from './server/transaction/history.sh'
import hooks from './server/transaction/hooks.sh'
import kept from './server/transaction/kept.sh'
import lock from './server/transaction/lock.sh'
import made from './server/transaction/made.sh'
import observe from './server/transaction/observe.sh'
import parameters from './server/transaction/parameters.sh'
import pin from './server/transaction/pin.sh'
import place from './server/transaction/place.sh'
import placing from './server/transaction/placing.sh'
import prune from './server/transaction/prune.sh'
import pull from './server/transaction/pull.sh'
import putBack from './server/transaction/put-back.sh'
import record from './server/transaction/record.sh'
import rollback from './server/transaction/rollback.sh'
import run from './server/transaction/run.sh'
import sequence from './server/transaction/sequence.sh'
import settings from './server/transaction/settings.sh'
import settle from './server/transaction/settle.sh'
import sweep from './server/transaction/sweep.sh'
import told from './server/transaction/told.sh'
import transaction from './server/transaction/transaction.sh'
import up from './server/transaction/up.sh'
import variables from './server/transaction/variables.sh'
import verdict from './server/transaction/verdict.sh'
import verify from './server/transaction/verify.sh'
import ways from './server/transaction/ways.sh'

/** The transaction as one POSIX sh script, for dash, bash and busybox; its rooms are in server/transaction. */
export const transactionScript = [
  parameters,
  run,
  engine,
  lock,
  record,
  files,
  pull,
  pin,
  variables,
  sequence,
  shadow,
  bring,
  ways,
  placing,
  putBack,
  kept,
  declared,
  made,
  settings,
  hooks,
  up,
  gate,
  observe,
  verify,
  front,
  rollback,
  settle,
  broken,
  sweep,
  told,
  history,
  prune,
  verdict,
  follow,
  transaction,
  'main "$@"\n',
].join('')

/** Makes the directory of a run and puts what comes on stdin there as its script; `sh -c` takes it. */
export const placingScript = `${place}place "$@"\n`
