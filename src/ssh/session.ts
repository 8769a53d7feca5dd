import type { Duplex } from 'node:stream'
import type { Config, NodeSSH } from 'node-ssh'
import type { AuthHandlerMiddleware, ServerHostKeyAlgorithm } from 'ssh2'
import { keepaliveInterval, watchActivity } from './activity.ts'
import type { Location } from './address.ts'
import { coalesceWrites } from './coalesce-writes.ts'
import { checkHostKey, hostKeyAlgorithms } from './host-key.ts'
import { type Credentials, type Login, startLogin } from './login.ts'
import type { HostKeyTrust } from './plan.ts'
import { explainSession, type Progress } from './session-error.ts'

/** An authenticated SSH session. */
export interface Session {
  readonly ssh: NodeSSH
  /** Resolves with the reason once the session ends. Never rejects. */
  readonly closed: Promise<string>
  readonly isClosed: () => boolean
  readonly close: () => Promise<void>
}

/** A server to log in to, with the user, the credentials and the trusted host keys. */
export interface LoginTarget extends Location {
  readonly user: string
  readonly credentials: Credentials
  readonly trust: HostKeyTrust
  /** The host key algorithms to offer. Default: those of `trust`. */
  readonly algorithms?: readonly string[]
}

/** Logs in over an open connection. Rejects with a `ConnectionError`, or with the abort reason of `signal`. */
export async function openSession(
  socket: Duplex,
  target: LoginTarget,
  signal: AbortSignal,
): Promise<Session> {
  const { NodeSSH } = await import('node-ssh')
  const ssh = new NodeSSH()
  const progress: Progress = { reached: 'connected', greeting: '', banner: '' }
  const login = await startLogin(target.user, target.credentials)
  signal.throwIfAborted()
  coalesceWrites(socket)
  const ready = ssh.connect(settings(socket, target, login, progress))
  const lifetime = trackSession(ssh, socket, progress)
  const giveUp = () => lifetime.end('given up')
  signal.addEventListener('abort', giveUp)
  try {
    await ready
  } catch (error) {
    lifetime.end('the login failed')
    if (signal.aborted && !isTimeout(signal.reason)) throw signal.reason
    throw explainSession(signal.aborted ? signal.reason : error, target, login.history(), progress)
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
  const stopWatching = watchActivity(socket, () => lifetime.end('the server stopped responding'))
  void lifetime.closed.then(stopWatching)
  return { ssh, ...lifetime, close: () => close(ssh, lifetime) }
}

/** Reports whether the abort reason is a timeout. A login that timed out is explained; a cancelled one is not. */
export const isTimeout = (reason: unknown): boolean =>
  reason instanceof Error && reason.name === 'TimeoutError'

function settings(socket: Duplex, target: LoginTarget, login: Login, progress: Progress): Config {
  return {
    sock: socket as NonNullable<Config['sock']>,
    username: target.user,
    authHandler: login.next as AuthHandlerMiddleware,
    algorithms: {
      serverHostKey: [
        ...(target.algorithms ?? hostKeyAlgorithms(target.trust, target)),
      ] as ServerHostKeyAlgorithm[],
    },
    hostVerifier: (key: Buffer) => {
      const problem = checkHostKey(target.trust, target, key)
      if (problem !== undefined) progress.rejectedKey = { key, problem }
      return problem === undefined
    },
    // ssh2 only sends the keepalives; `watchActivity` decides when the connection is dead. `signal` limits the login.
    keepaliveInterval,
    keepaliveCountMax: 60,
    readyTimeout: 0,
  }
}

/** The maximum number of characters of banners to keep: a server may send any number of banners. */
const maxBannerLength = 65_536

interface Lifetime {
  readonly closed: Promise<string>
  readonly isClosed: () => boolean
  readonly end: (reason: string) => void
}

/**
 * Records how far the login gets, and how the session ends. Must be called right after `connect`, before the first byte
 * arrives.
 */
function trackSession(ssh: NodeSSH, socket: Duplex, progress: Progress): Lifetime {
  const { promise: closed, resolve } = Promise.withResolvers<string>()
  let isClosed = false
  const end = (reason: string) => {
    isClosed = true
    resolve(reason)
    socket.destroy()
  }
  const recordGreeting = (chunk: Buffer) => {
    progress.greeting += chunk.toString('latin1', 0, 1024)
    if (progress.greeting.length > 1024 || /^SSH-/m.test(progress.greeting))
      socket.off('data', recordGreeting)
  }
  socket.on('data', recordGreeting)
  socket.on('error', () => {}) // ssh2 handles socket errors, but stops listening before the socket is closed
  ssh.connection
    // Without this listener, an error after the login would end the whole run.
    ?.on('error', error => end(error.message))
    .on('end', () => end('the server closed the connection'))
    .on('close', () => end('the connection was closed'))
    .on('handshake', () => {
      progress.reached = 'login'
    })
    .on('banner', text => {
      if (progress.banner.length < maxBannerLength) progress.banner += text
    })
    .on('change password', () => {
      progress.passwordExpired = true
      end('the password has expired')
    })
  return { closed, isClosed: () => isClosed, end }
}

/** Milliseconds to wait for the server to close the connection. */
const closeTimeout = 1000

async function close(ssh: NodeSSH, { closed, end }: Lifetime): Promise<void> {
  const timer = setTimeout(() => end('closed'), closeTimeout)
  ssh.dispose()
  await closed
  clearTimeout(timer)
}
