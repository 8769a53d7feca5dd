import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningAction } from '../rig/runner.ts'
import type { Lane } from './lane.ts'
import { type Event, scripts } from './moments.ts'

/** A fault that can be injected at a chosen point in a deploy. */
export interface Fault {
  readonly name: string
  /**
   * Injects the fault. Returns the function that removes it after the deploy, if that is necessary, or `missed` if there
   * was nothing to inject it into.
   */
  readonly inject: (target: Target) => Promise<Undo | 'missed' | undefined>
  /** The lanes and events for which the fault makes sense. Default: all. */
  readonly on?: (lane: Lane, event: Event) => boolean
  /** The events at which the fault is injected. Default: all. */
  readonly at?: readonly Event[]
  /** The runner is lost, so nothing reports how the deploy ended. */
  readonly lost?: true
  /** The action runs to its end, and must leave no unfinished change. */
  readonly completes?: true
  /** The engine is down for a while, so containers take longer to start again. */
  readonly away?: true
}

/** The deploy into which a fault is injected. */
export interface Target {
  readonly lane: Lane
  readonly action: RunningAction
  /** Starts another deploy right away. */
  readonly deployNext: (user: 'deploy' | 'second') => void
}

type Undo = () => Promise<void>

const done = async (work: unknown): Promise<undefined> => {
  await work
}

const slow = ({ options: { grace } }: Lane): boolean => grace > 1

/** If the runner is lost before the external check, the server waits more than a minute for its result. */
const endsSoon = ({ options: { around } }: Lane, event: Event): boolean =>
  around === undefined || ['after', 'front', 'keep', 'rollback', 'verdict'].includes(event)

export const faults: readonly Fault[] = [
  { name: 'FIN', inject: ({ lane }) => done(lane.ssh.cut('FIN')), completes: true },
  { name: 'RST', inject: ({ lane }) => done(lane.ssh.cut('RST')), completes: true },
  { name: 'silence', inject: silence },
  {
    name: 'sshd session killed',
    inject: ({ lane }) => done(lane.server.killSshd('sessions')),
    completes: true,
  },
  { name: 'action killed', inject: ({ action }) => done(action.loseRunner()), lost: true, on: endsSoon },
  { name: 'cancel', inject: ({ action }) => done(action.cancel()) },
  { name: 'registry gone', inject: registryGone },
  { name: 'disk full', inject: diskFull, on: ({ options }) => options.small === true },
  { name: 'engine away 5 s', inject: target => engineAway(target, 'TERM'), away: true },
  // After it was killed, an engine does not start its containers again (28.5 assumes that they were stopped by hand).
  // Only a deploy in the middle of a change knows that they have to run, so the fault is limited to these events.
  {
    name: 'engine killed, away 5 s',
    inject: target => engineAway(target, 'KILL'),
    away: true,
    // There the proxy would stay down, because it is not deployed.
    on: ({ options }) => options.startFirst !== true,
    at: ['divert', 'drain', 'up', 'gate', 'verify', 'after', 'front', 'direct', 'rollback'],
  },
  { name: 'host rebooted', inject: reboot, on: ({ options }) => options.small !== true, away: true },
  { name: 'script killed, next at once', inject: target => killAndDeploy(target, 'deploy'), on: slow },
  {
    name: 'script killed, next is another user',
    inject: target => killAndDeploy(target, 'second'),
    on: slow,
  },
  { name: 'script killed', inject: async ({ lane }) => missedUnless(killScripts(lane) > 0), completes: true },
  { name: 'image prune in a loop', inject: prune, completes: true },
]

/** Silences the connections for good. After the deploy they are reset, so that sshd notices in the end. */
async function silence({ lane: { ssh } }: Target): Promise<Undo> {
  ssh.cut('silence')
  return async () => ssh.cut('RST')
}

async function registryGone({ lane }: Target): Promise<Undo> {
  lane.registry.refuse(true)
  return async () => lane.registry.refuse(false)
}

async function diskFull({ lane }: Target): Promise<Undo> {
  await lane.sh('cat /dev/zero >fill 2>/dev/null || :')
  return async () => void (await lane.sh('rm -f fill'))
}

async function engineAway({ lane: { server } }: Target, signal: 'TERM' | 'KILL'): Promise<undefined> {
  await server.stopEngine(signal)
  await sleep(5000)
  await server.startEngine()
}

/** Simulates a power cut and a boot. */
async function reboot({ lane }: Target): Promise<undefined> {
  await lane.reboot()
}

async function killAndDeploy({ lane, deployNext }: Target, user: 'deploy' | 'second') {
  if (killScripts(lane) === 0) return 'missed'
  deployNext(user)
  return undefined
}

const missedUnless = (killed: boolean): 'missed' | undefined => (killed ? undefined : 'missed')

/** Kills only the scripts. The commands that they started continue. Returns how many were killed. */
export function killScripts(lane: Lane): number {
  let killed = 0
  for (const { pid } of scripts(lane)) {
    try {
      process.kill(pid, 'SIGKILL')
      killed += 1
    } catch {
      // It has exited in the meantime.
    }
  }
  return killed
}

async function prune({ lane: { server } }: Target): Promise<Undo> {
  const loop = 'touch /run/prune; while [ -e /run/prune ]; do docker image prune -f; sleep 0.1; done'
  const ended = server.exec(loop)
  return async () => {
    await server.exec('rm -f /run/prune')
    await ended
  }
}
