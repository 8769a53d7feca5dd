import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningAction } from '../rig/runner.ts'
import type { Lane } from './lane.ts'
import { type Event, scripts } from './moments.ts'

/** What goes wrong at a chosen moment of a deploy. */
export interface Fault {
  readonly name: string
  /** Does it, and gives what ends it once the deploy is over. */
  readonly befall: (trouble: Trouble) => Promise<Heal | undefined>
  /** On which lanes it can be tried; all, if nothing is said. */
  readonly on?: (lane: Lane, event: Event) => boolean
  /** At which moments; all, if nothing is said. */
  readonly at?: readonly Event[]
  /** Nobody is left to hear how it ended. */
  readonly lost?: true
  /** The action is there to the end, and leaves nothing half done. */
  readonly seen?: true
  /** The engine was away: containers take their time to come back. */
  readonly away?: true
}

export interface Trouble {
  readonly lane: Lane
  readonly acting: RunningAction
  /** Starts another deploy at once. */
  readonly next: (user: 'deploy' | 'second') => void
}

type Heal = () => Promise<void>

const done = async (work: unknown): Promise<undefined> => {
  await work
}

const slow = ({ options: { grace } }: Lane): boolean => grace > 1

/** Where nobody asks at the front door any more, the server waits for the word of it for more than a minute. */
const soonOver = ({ options: { around } }: Lane, event: Event): boolean =>
  around === undefined || ['after', 'front', 'keep', 'rollback', 'verdict'].includes(event)

export const faults: readonly Fault[] = [
  { name: 'FIN', befall: ({ lane }) => done(lane.ssh.cut('FIN')), seen: true },
  { name: 'RST', befall: ({ lane }) => done(lane.ssh.cut('RST')), seen: true },
  { name: 'silence', befall: silence },
  { name: 'sshd session killed', befall: ({ lane }) => done(lane.server.killSshd('sessions')), seen: true },
  { name: 'action killed', befall: ({ acting }) => done(acting.loseRunner()), lost: true, on: soonOver },
  { name: 'cancel', befall: ({ acting }) => done(acting.cancel()) },
  { name: 'registry gone', befall: registryGone },
  { name: 'disk full', befall: diskFull, on: ({ options }) => options.small === true },
  { name: 'engine away 5 s', befall: trouble => engineAway(trouble, 'TERM'), away: true },
  // One that is killed does not start its containers again (28.5 takes them for stopped by hand): only who is in the
  // middle of a change can know that they have to run.
  {
    name: 'engine killed, away 5 s',
    befall: trouble => engineAway(trouble, 'KILL'),
    away: true,
    // Nobody deploys the proxy.
    on: ({ options }) => options.startFirst !== true,
    at: ['divert', 'drain', 'up', 'gate', 'verify', 'after', 'front', 'direct', 'rollback'],
  },
  { name: 'host rebooted', befall: reboot, on: ({ options }) => options.small !== true, away: true },
  { name: 'script killed, next at once', befall: trouble => killed(trouble, 'deploy'), on: slow },
  { name: 'script killed, next is another user', befall: trouble => killed(trouble, 'second'), on: slow },
  { name: 'script killed', befall: ({ lane }) => done(killScripts(lane)), seen: true },
  { name: 'image prune all the while', befall: prune, seen: true },
]

/** What is silent has gone for good, of which sshd's host hears at last. */
async function silence({ lane: { ssh } }: Trouble): Promise<Heal> {
  ssh.cut('silence')
  return async () => ssh.cut('RST')
}

async function registryGone({ lane }: Trouble): Promise<Heal> {
  lane.registry.refuse(true)
  return async () => lane.registry.refuse(false)
}

async function diskFull({ lane }: Trouble): Promise<Heal> {
  await lane.sh('cat /dev/zero >fill 2>/dev/null || :')
  return async () => void (await lane.sh('rm -f fill'))
}

async function engineAway({ lane: { server } }: Trouble, signal: 'TERM' | 'KILL'): Promise<undefined> {
  await server.stopEngine(signal)
  await sleep(5000)
  await server.startEngine()
}

/** The power goes, and comes back. */
async function reboot({ lane }: Trouble): Promise<undefined> {
  await lane.reboot()
}

async function killed({ lane, next }: Trouble, user: 'deploy' | 'second'): Promise<undefined> {
  killScripts(lane)
  next(user)
}

/** The script alone: what it has started goes on. */
export function killScripts(lane: Lane): void {
  for (const { pid } of scripts(lane)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended meanwhile.
    }
  }
}

async function prune({ lane: { server } }: Trouble): Promise<Heal> {
  const loop = 'touch /run/prune; while [ -e /run/prune ]; do docker image prune -f; sleep 0.1; done'
  const ended = server.exec(loop)
  return async () => {
    await server.exec('rm -f /run/prune')
    await ended
  }
}
