/** A stage of the transaction on the server. */
export interface ServerStage {
  /** Shown in the timeline of the summary. */
  readonly title: string
  /** The running release may already have been touched in this stage. */
  readonly touches: boolean
  /** What to do about a failure in this stage whose reason code has no remedy of its own. */
  readonly remedy: string
}

const lookAbove = 'Read the lines above this one in the log, then deploy again.'
const composeSaid = 'Read the output of Compose in the log.'

/** The stages in the order of a run; src/deploy/agent passes these names to `step`. */
export const stages = {
  start: { title: 'Prepare', touches: false, remedy: lookAbove },
  /** The stage of a run that was interrupted before it changed anything; reported by the run that cleans up. */
  cut: { title: 'Prepare', touches: false, remedy: 'Run the job again.' },
  lock: { title: 'Lock', touches: false, remedy: 'Wait for the other deploy to end, and run the job again.' },
  settle: { title: 'Clean up', touches: false, remedy: lookAbove },
  choose: {
    title: 'Choose the release',
    touches: false,
    remedy: 'Set `rollback-to` to a release that the log lists, or to `previous`.',
  },
  check: {
    title: 'Check the files',
    touches: false,
    remedy:
      'Read the output of Compose in the log. `docker compose config` reproduces it with the files of the repository.',
  },
  record: { title: 'Record', touches: false, remedy: lookAbove },
  pull: {
    title: 'Pull',
    touches: false,
    remedy:
      'Read the answer of the registry in the log. The server pulls with the login of this run, unless `server-login` is false.',
  },
  pin: { title: 'Pin', touches: false, remedy: lookAbove },
  bring: { title: 'Upload', touches: false, remedy: lookAbove },
  dependencies: {
    title: 'Dependencies',
    touches: false,
    remedy:
      'Read the output of Compose in this log, and the log of the dependency (`docker compose logs` on the server).',
  },
  before: {
    title: 'Commands before',
    touches: false,
    remedy: 'Read the output of the command in the log. The running release was not touched.',
  },
  rehearse: { title: 'Rehearse', touches: false, remedy: 'Read the last lines of the container in the log.' },
  'rehearse-after': {
    title: 'Commands after, in the rehearsal',
    touches: false,
    remedy: 'Read the output of the command in the log. The running release was not touched.',
  },
  divert: {
    title: 'Divert',
    touches: false,
    remedy: 'Read the output of the firewall in the log, or deploy with `strategy: recreate`.',
  },
  'divert-check': {
    title: 'Public check',
    touches: false,
    remedy:
      'Check what is between the service and its visitors: published ports, reverse proxy, certificate.',
  },
  drain: { title: 'Drain', touches: false, remedy: lookAbove },
  apply: { title: 'Update', touches: true, remedy: 'Read the output of docker in the log.' },
  up: { title: 'Start', touches: true, remedy: composeSaid },
  gate: {
    title: 'Health check',
    touches: true,
    remedy:
      'Read the last lines of the container in the log. A slow start needs a longer `wait-timeout`, or a `start_period` in the healthcheck.',
  },
  verify: {
    title: 'Verify',
    touches: true,
    remedy: 'Something else changed the image or the containers during the deploy. Deploy again.',
  },
  after: {
    title: 'Commands after',
    touches: true,
    remedy: 'Read the output of the command in the log.',
  },
  front: {
    title: 'Public check',
    touches: true,
    remedy:
      'Check what is between the service and its visitors: published ports, reverse proxy, certificate.',
  },
  direct: { title: 'End the relay', touches: true, remedy: lookAbove },
  keep: { title: 'Save', touches: true, remedy: lookAbove },
  rollback: { title: 'Roll back', touches: true, remedy: lookAbove },
} as const satisfies Readonly<Record<string, ServerStage>>

export type StageName = keyof typeof stages

/** Looks up a stage by the name that the server reports; another version may report others. */
export const stageOf = (name: string): ServerStage | undefined =>
  Object.hasOwn(stages, name) ? stages[name as StageName] : undefined
