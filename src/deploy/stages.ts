/** A stage of the transaction on the server. */
export interface ServerStage {
  /** For the timeline of the summary. */
  readonly title: string
  /** In it, what serves may have been touched already. */
  readonly touches: boolean
  /** What to do about a failure in it, where its reason does not say more. */
  readonly remedy: string
}

const lookAbove = 'Look at what the log says above it, and deploy again.'
const composeSaid = 'Look at what Compose said in the log.'

/** In the order in which a run goes through them; the names are those that src/deploy/agent gives to `step`. */
export const stages = {
  start: { title: 'Start', touches: false, remedy: lookAbove },
  /** Of a run that ended before it changed anything, as whoever settles it says. */
  cut: { title: 'Start', touches: false, remedy: 'Run the job again.' },
  lock: { title: 'Lock', touches: false, remedy: 'Wait for the other deploy to end, and run the job again.' },
  settle: { title: 'Settle', touches: false, remedy: lookAbove },
  choose: {
    title: 'Choose the release',
    touches: false,
    remedy: 'Name a release that the log lists, or `previous`.',
  },
  check: {
    title: 'Check the files',
    touches: false,
    remedy: 'Look at what Compose said in the log: `docker compose config` with the files of the repository.',
  },
  record: { title: 'Record', touches: false, remedy: lookAbove },
  pull: {
    title: 'Pull',
    touches: false,
    remedy:
      'Look at what the registry said in the log; the server pulls with the login of this run, unless `server-login` is false.',
  },
  pin: { title: 'Pin', touches: false, remedy: lookAbove },
  bring: { title: 'Upload', touches: false, remedy: lookAbove },
  dependencies: {
    title: 'Dependencies',
    touches: false,
    remedy: 'Look at what Compose said in the log, and at what the dependency says in its own.',
  },
  before: {
    title: 'Commands before',
    touches: false,
    remedy: 'Look at what the command said in the log; the release that runs was not touched.',
  },
  rehearse: { title: 'Rehearse', touches: false, remedy: 'Look at the last lines of the container.' },
  'rehearse-after': {
    title: 'Commands after, rehearsed',
    touches: false,
    remedy: 'Look at what the command said in the log; the release that runs was not touched.',
  },
  divert: {
    title: 'Divert',
    touches: false,
    remedy: 'Look at what the firewall said in the log, or deploy with `strategy: recreate`.',
  },
  'divert-check': {
    title: 'Public check',
    touches: false,
    remedy: 'See what stands between the service and its visitors: its ports, the proxy, the certificate.',
  },
  drain: { title: 'Drain', touches: false, remedy: lookAbove },
  up: { title: 'Up', touches: true, remedy: composeSaid },
  gate: {
    title: 'Gate',
    touches: true,
    remedy:
      'Look at the last lines of the container. A slow start needs a longer `wait-timeout`, or a `start_period` in its healthcheck.',
  },
  verify: {
    title: 'Verify',
    touches: true,
    remedy: 'Something else changed the image or the containers meanwhile: deploy again.',
  },
  after: {
    title: 'Commands after',
    touches: true,
    remedy: 'Look at what the command said in the log.',
  },
  front: {
    title: 'Public check',
    touches: true,
    remedy: 'See what stands between the service and its visitors: its ports, the proxy, the certificate.',
  },
  direct: { title: 'Direct again', touches: true, remedy: lookAbove },
  keep: { title: 'Keep', touches: true, remedy: lookAbove },
  rollback: { title: 'Roll back', touches: true, remedy: lookAbove },
} as const satisfies Readonly<Record<string, ServerStage>>

export type StageName = keyof typeof stages

/** Looks up a stage by the name that the server gives; another version may know others. */
export const stageOf = (name: string): ServerStage | undefined =>
  Object.hasOwn(stages, name) ? stages[name as StageName] : undefined
