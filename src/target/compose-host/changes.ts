import type { ServiceFacts, WholeFacts } from './facts.ts'

/** What a deploy of the whole project does to a service that does not run the release. */
export interface Change {
  readonly service: string
  readonly what: 'create' | 'recreate' | 'start' | 'leave' | 'remove' | 'undecided'
  readonly why: string
}

/** Predicts the changes to services that are not pinned, and to orphans; Compose decides under the lock. Pure. */
export const changesOf = (
  { others, orphans, removeOrphans, uploads = false }: WholeFacts,
  composeVersion: string,
): Change[] => [
  ...others.map(each => changeOf(each, composeVersion, uploads)),
  ...orphans.map(
    (service): Change =>
      removeOrphans
        ? { service, what: 'remove', why: 'it is no longer in the compose files' }
        : {
            service,
            what: 'leave',
            why: 'it is no longer in the compose files; `remove-orphans: true` removes it',
          },
  ),
]

function changeOf(
  { name: service, containers, configHash, replicas }: ServiceFacts,
  version: string,
  uploads: boolean,
): Change {
  const change = (what: Change['what'], why: string): Change => ({ service, what, why })
  if (containers.length === 0) return change('create', 'it has no container')
  if (uploads) return change('undecided', 'Compose compares it once the uploaded files are in place')
  if (configHash === undefined)
    return change('undecided', 'Compose gives no hash of it in advance (`env_file`, or Compose v1)')
  if (containers.some(({ composeVersion }) => composeVersion !== version))
    return change('undecided', 'another version of Compose created its container')
  if (containers.some(container => container.configHash !== configHash))
    return change('recreate', 'its configuration has changed')
  if (containers.length < replicas)
    return change('create', `it has ${containers.length} of ${replicas} containers`)
  if (containers.some(({ state }) => state !== 'running' && state !== 'restarting'))
    return change('start', 'it is not running')
  return change('leave', 'nothing has changed')
}

/** Returns a change as a line for people. */
export const changeLine = ({ service, what, why }: Change): string => `${verbs[what]} ${service}: ${why}`

const verbs: Readonly<Record<Change['what'], string>> = {
  create: 'create',
  recreate: 'recreate',
  start: 'start',
  leave: 'keep',
  remove: 'remove',
  undecided: 'recreate or keep',
}
