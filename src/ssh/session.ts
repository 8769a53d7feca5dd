import type { Duplex } from 'node:stream'
import type { Config, NodeSSH } from 'node-ssh'
import type { AuthHandlerMiddleware, ServerHostKeyAlgorithm } from 'ssh2'
import type { Location } from './address.ts'
import { gather } from './gather.ts'
import { hostKeyAlgorithms, refuseHostKey } from './host-key.ts'
import { beat, watchLink } from './link.ts'
import { type Credentials, type Login, startLogin } from './login.ts'
import type { HostKeyTrust } from './plan.ts'
import { explainSession, type Progress } from './session-refusal.ts'

/** A login that stands. */
export interface Session {
  readonly ssh: NodeSSH
  /** Fulfilled once it is over, with the reason; never rejects. */
  readonly over: Promise<string>
  readonly isOver: () => boolean
  readonly close: () => Promise<void>
}

/** Whom to log in as, where, and how the server is known. */
export interface Door extends Location {
  readonly user: string
  readonly credentials: Credentials
  readonly trust: HostKeyTrust
  /** The host key algorithms to ask for; those of the trust, if nothing is said. */
  readonly algorithms?: readonly string[]
}

/** Logs in over a connection that is open. Rejects with a `Refusal`, or with the reason of `signal`. */
export async function openSession(socket: Duplex, door: Door, signal: AbortSignal): Promise<Session> {
  const { NodeSSH } = await import('node-ssh')
  const ssh = new NodeSSH()
  const progress: Progress = { reached: 'connected', heard: '', banner: '' }
  const login = await startLogin(door.user, door.credentials)
  signal.throwIfAborted()
  gather(socket)
  const ready = ssh.connect(settings(socket, door, login, progress))
  const ending = followToItsEnd(ssh, socket, progress)
  const giveUp = () => ending.end('given up')
  signal.addEventListener('abort', giveUp)
  try {
    await ready
  } catch (error) {
    ending.end('refused')
    if (signal.aborted && !isTimeout(signal.reason)) throw signal.reason
    throw explainSession(signal.aborted ? signal.reason : error, door, login.story(), progress)
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
  const unwatch = watchLink(socket, () => ending.end('the server fell silent'))
  void ending.over.then(unwatch)
  return { ssh, ...ending, close: () => close(ssh, ending) }
}

/** A login that took too long is explained; one that was called off is not. */
export const isTimeout = (reason: unknown): boolean =>
  reason instanceof Error && reason.name === 'TimeoutError'

function settings(socket: Duplex, door: Door, login: Login, progress: Progress): Config {
  return {
    sock: socket as NonNullable<Config['sock']>,
    username: door.user,
    authHandler: login.next as AuthHandlerMiddleware,
    algorithms: {
      serverHostKey: [
        ...(door.algorithms ?? hostKeyAlgorithms(door.trust, door)),
      ] as ServerHostKeyAlgorithm[],
    },
    hostVerifier: (key: Buffer) => {
      const problem = refuseHostKey(door.trust, door, key)
      if (problem !== undefined) progress.refusedKey = { key, problem }
      return problem === undefined
    },
    // Our own watch decides when the link is dead; ssh2 is to ask for signs of life. Our signal ends the login.
    keepaliveInterval: beat,
    keepaliveCountMax: 60,
    readyTimeout: 0,
  }
}

/** The most characters of banners to keep: a server may send any number. */
const longestBanner = 65_536

interface Ending {
  readonly over: Promise<string>
  readonly isOver: () => boolean
  readonly end: (reason: string) => void
}

/** Notes how far the login gets, and how the session ends. Must come right after `connect`, before any byte. */
function followToItsEnd(ssh: NodeSSH, socket: Duplex, progress: Progress): Ending {
  const { promise: over, resolve } = Promise.withResolvers<string>()
  let isOver = false
  const end = (reason: string) => {
    isOver = true
    resolve(reason)
    socket.destroy()
  }
  const hear = (chunk: Buffer) => {
    progress.heard += chunk.toString('latin1', 0, 1024)
    if (progress.heard.length > 1024 || /^SSH-/m.test(progress.heard)) socket.off('data', hear)
  }
  socket.on('data', hear)
  socket.on('error', () => {}) // ssh2 passes them on while it listens, and stops listening before the end
  ssh.connection
    // Without a listener of its own, an error after the login would end the whole run.
    ?.on('error', error => end(error.message))
    .on('end', () => end('the server closed the connection'))
    .on('close', () => end('the connection was closed'))
    .on('handshake', () => {
      progress.reached = 'login'
    })
    .on('banner', text => {
      if (progress.banner.length < longestBanner) progress.banner += text
    })
    .on('change password', () => {
      progress.expired = true
      end('the password has expired')
    })
  return { over, isOver: () => isOver, end }
}

/** How long the server may take to say good-bye, in milliseconds. */
const goodbye = 1000

async function close(ssh: NodeSSH, { over, end }: Ending): Promise<void> {
  const timer = setTimeout(() => end('closed'), goodbye)
  ssh.dispose()
  await over
  clearTimeout(timer)
}
