import type { Command, Outcome } from '../../../src/core/command.ts'
import { Failure } from '../../../src/core/errors.ts'
import type { Connection } from '../../../src/ssh/connection.ts'

/** Returns the outcome of a command, or `drop` if its connection drops with it. */
export type Answer = (
  command: Command,
  write: (text: string) => void,
) => Partial<Outcome> | 'drop' | Promise<Partial<Outcome> | 'drop'>

export interface Server {
  readonly connect: () => Promise<Connection>
  /** The number of connections so far, and of those that are still open. */
  readonly dialled: () => number
  readonly open: () => number
  /** All commands so far, with their arguments. */
  readonly asked: string[]
}

/** Opens a server in this process whose connections drop on demand; `refuses` is the number of refused connections. */
export function server(answer: Answer, refuses = 0): Server {
  const connections = new Set<object>()
  const asked: string[] = []
  let dialled = 0
  const connect = async (): Promise<Connection> => {
    dialled += 1
    await new Promise(resolve => setImmediate(resolve))
    if (dialled <= refuses) throw new Failure('deploy', { cause: 'It refuses.' })
    const own = {}
    connections.add(own)
    const close = async () => void connections.delete(own)
    return {
      run: async (command, { onStdout } = {}) => {
        asked.push([command.file, ...command.args].join(' '))
        const outcome = await answer(command, text => onStdout?.(Buffer.from(text)))
        if (outcome === 'drop') connections.delete(own)
        return { code: 0, stdout: '', stderr: '', ...(outcome === 'drop' ? { code: null } : outcome) }
      },
      dial: () => Promise.reject(new Error('not here')),
      target: 'a@b',
      onDrop: new Promise(() => undefined),
      dropped: () => !connections.has(own),
      close,
      [Symbol.asyncDispose]: close,
    }
  }
  return { connect, dialled: () => dialled, open: () => connections.size, asked }
}
