import { reasons, swarmReasons } from './reasons.ts'

/** A stage of the transaction on the server. */
interface ServerStage {
  /** Shown in the timeline of the summary. */
  readonly title: string
  /**
   * What the next run does about a run that was cut off in this stage:
   * - `undo`: undoes the steps so far, because the running release has not been touched.
   * - `back`: restores the previous release.
   * - `forward`: keeps the new release if it is healthy, else restores the previous one; only in the stages that the
   *   plan of the change lists (`forward_in` in steps.ts).
   */
  readonly cut: 'undo' | 'back' | 'forward'
  /** The remedy for a failure in this stage whose verdict has no reason code. */
  readonly remedy: string
}

const readLog = 'Read the lines above this one in the log, then deploy again.'
const readCompose = 'Read the output of Compose in the log.'

/** The stages in the order of a run; src/deploy/agent passes these names to `step`. */
export const stages = {
  start: { title: 'Prepare', cut: 'undo', remedy: readLog },
  /** The stage of a run that was interrupted before it changed anything; reported by the run that cleans up. */
  cut: { title: 'Prepare', cut: 'undo', remedy: 'Run the job again.' },
  lock: { title: 'Lock', cut: 'undo', remedy: 'Wait for the other deploy to end, and run the job again.' },
  settle: { title: 'Clean up', cut: 'undo', remedy: readLog },
  choose: {
    title: 'Choose the release',
    cut: 'undo',
    remedy: 'Set `rollback-to` to a release that the log lists, or to `previous`.',
  },
  check: {
    title: 'Check the files',
    cut: 'undo',
    remedy:
      'Read the output of Compose in the log. `docker compose config` reproduces it with the files of the repository.',
  },
  record: { title: 'Record', cut: 'undo', remedy: readLog },
  pull: {
    title: 'Pull',
    cut: 'undo',
    remedy:
      'Read the answer of the registry in the log. The server pulls with the login of this run, unless `server-login` is false.',
  },
  pin: { title: 'Pin', cut: 'undo', remedy: readLog },
  bring: { title: 'Upload', cut: 'undo', remedy: readLog },
  dependencies: {
    title: 'Dependencies',
    cut: 'undo',
    remedy:
      'Read the output of Compose in this log, and the log of the dependency (`docker compose logs` on the server).',
  },
  before: {
    title: 'Commands before',
    cut: 'undo',
    remedy: 'Read the output of the command in the log. The running release was not touched.',
  },
  rehearse: { title: 'Rehearse', cut: 'undo', remedy: 'Read the last lines of the container in the log.' },
  'rehearse-after': {
    title: 'Commands after, in the rehearsal',
    cut: 'undo',
    remedy: 'Read the output of the command in the log. The running release was not touched.',
  },
  beside: {
    title: 'Start beside the old release',
    cut: 'undo',
    remedy: 'Read the last lines of the container in the log.',
  },
  'beside-proxy': {
    title: 'Let the proxy find the new release',
    cut: 'undo',
    remedy: 'Read the output of the `proxy-reload` command in the log.',
  },
  'beside-withdraw': {
    title: 'Withdraw the old release',
    cut: 'undo',
    remedy:
      'Read the lines above this one in the log. With `withdraw: none`, Slipway sets no firewall rule and runs no command.',
  },
  divert: {
    title: 'Divert',
    cut: 'undo',
    remedy: 'Read the output of the firewall in the log, or deploy with `strategy: recreate`.',
  },
  'divert-check': {
    title: 'Public check',
    cut: 'undo',
    remedy:
      'Check what is between the service and its visitors: published ports, reverse proxy, certificate.',
  },
  drain: { title: 'Drain', cut: 'undo', remedy: readLog },
  apply: { title: 'Update', cut: 'forward', remedy: 'Read the output of docker in the log.' },
  up: { title: 'Start', cut: 'forward', remedy: readCompose },
  gate: {
    title: 'Health check',
    cut: 'forward',
    remedy:
      'Read the last lines of the container in the log. A slow start needs a longer `wait-timeout`, or a `start_period` in the healthcheck.',
  },
  verify: {
    title: 'Verify',
    cut: 'forward',
    remedy: 'Something else changed the image or the containers during the deploy. Deploy again.',
  },
  after: {
    title: 'Commands after',
    cut: 'back',
    remedy: 'Read the output of the command in the log.',
  },
  front: {
    title: 'Public check',
    cut: 'forward',
    remedy:
      'Check what is between the service and its visitors: published ports, reverse proxy, certificate.',
  },
  direct: { title: 'End the relay', cut: 'forward', remedy: readLog },
  keep: { title: 'Save', cut: 'forward', remedy: readLog },
  rollback: { title: 'Roll back', cut: 'back', remedy: readLog },
} as const satisfies Readonly<Record<string, ServerStage>>

export type StageName = keyof typeof stages

/** Remedies of stages on a Swarm, for those whose remedy above only fits a Compose host. */
export const swarmRemedies: Readonly<Record<string, string>> = {
  check: swarmReasons['config-invalid'],
  gate: reasons['not-whole'],
  verify: swarmReasons['digest-mismatch'],
} satisfies Partial<Record<StageName, string>>

/** Returns the stage of a name that the server reports; undefined for a name that only another version knows. */
export const stageOf = (name: string): ServerStage | undefined =>
  Object.hasOwn(stages, name) ? stages[name as StageName] : undefined
