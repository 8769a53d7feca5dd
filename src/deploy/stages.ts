import { reasons, swarmReasons } from './reasons.ts'

/** A stage of the transaction on the server. */
interface ServerStage {
  /** Shown in the timeline of the summary. */
  readonly title: string
  /**
   * What the next run does about a run that was cut in this stage: undo the steps so far, as the running release is not
   * touched yet; restore that release; or go forward if the new one turns out to be healthy (only in the stages that
   * the plan of the change names: steps.ts).
   */
  readonly cut: 'undo' | 'back' | 'forward'
  /** What to do about a failure in this stage whose reason code has no remedy of its own. */
  readonly remedy: string
}

const lookAbove = 'Read the lines above this one in the log, then deploy again.'
const composeSaid = 'Read the output of Compose in the log.'

/** The stages in the order of a run; src/deploy/agent passes these names to `step`. */
export const stages = {
  start: { title: 'Prepare', cut: 'undo', remedy: lookAbove },
  /** The stage of a run that was interrupted before it changed anything; reported by the run that cleans up. */
  cut: { title: 'Prepare', cut: 'undo', remedy: 'Run the job again.' },
  lock: { title: 'Lock', cut: 'undo', remedy: 'Wait for the other deploy to end, and run the job again.' },
  settle: { title: 'Clean up', cut: 'undo', remedy: lookAbove },
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
  record: { title: 'Record', cut: 'undo', remedy: lookAbove },
  pull: {
    title: 'Pull',
    cut: 'undo',
    remedy:
      'Read the answer of the registry in the log. The server pulls with the login of this run, unless `server-login` is false.',
  },
  pin: { title: 'Pin', cut: 'undo', remedy: lookAbove },
  bring: { title: 'Upload', cut: 'undo', remedy: lookAbove },
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
    remedy: 'Look at the last lines of the container.',
  },
  'beside-proxy': {
    title: 'Let the proxy find it',
    cut: 'undo',
    remedy: 'Look at what the command of `proxy-reload` said in the log.',
  },
  'beside-withdraw': {
    title: 'Withdraw the old release',
    cut: 'undo',
    remedy: 'Look at what the log says above it; `withdraw: none` sets no firewall rule and runs no command.',
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
  drain: { title: 'Drain', cut: 'undo', remedy: lookAbove },
  apply: { title: 'Update', cut: 'forward', remedy: 'Read the output of docker in the log.' },
  up: { title: 'Start', cut: 'forward', remedy: composeSaid },
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
  direct: { title: 'End the relay', cut: 'forward', remedy: lookAbove },
  keep: { title: 'Save', cut: 'forward', remedy: lookAbove },
  rollback: { title: 'Roll back', cut: 'back', remedy: lookAbove },
} as const satisfies Readonly<Record<string, ServerStage>>

export type StageName = keyof typeof stages

/** Remedies of stages on a Swarm, where the one above names what only a Compose host has. */
export const swarmRemedies: Readonly<Record<string, string>> = {
  check: swarmReasons['config-invalid'],
  gate: reasons['not-whole'],
  verify: swarmReasons['digest-mismatch'],
} satisfies Partial<Record<StageName, string>>

/** Looks up a stage by the name that the server reports; another version may report others. */
export const stageOf = (name: string): ServerStage | undefined =>
  Object.hasOwn(stages, name) ? stages[name as StageName] : undefined
