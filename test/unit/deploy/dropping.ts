import type { Command, Outcome } from '../../../src/core/command.ts'
import { Failure } from '../../../src/core/errors.ts'
import type { Connection } from '../../../src/ssh/connection.ts'

/** What a command comes to: an outcome, or `drop`: its connection is gone with it. */
export type Answer = (
  command: Command,
  write: (text: string) => void,
) => Partial<Outcome> | 'drop' | Promise<Partial<Outcome> | 'drop'>

export interface Server {
  readonly connect: () => Promise<Connection>
  /** How often it was connected to, and how many of these were never closed nor dropped. */
  readonly dialled: () => number
  readonly open: () => number
  /** The arguments of all commands. */
  readonly asked: string[]
}

/** A server in this process, whose connections drop when it is told to. */
export function server(answer: Answer, refuses = 0): Server {
  const standing = new Set<object>()
  const asked: string[] = []
  let dialled = 0
  const connect = async (): Promise<Connection> => {
    dialled += 1
    await new Promise(resolve => setImmediate(resolve))
    if (dialled <= refuses) throw new Failure('deploy', { cause: 'It refuses.' })
    const own = {}
    standing.add(own)
    const close = async () => void standing.delete(own)
    return {
      run: async (command, { onStdout } = {}) => {
        asked.push([command.file, ...command.args].join(' '))
        const outcome = await answer(command, text => onStdout?.(Buffer.from(text)))
        if (outcome === 'drop') standing.delete(own)
        return { code: 0, stdout: '', stderr: '', ...(outcome === 'drop' ? { code: null } : outcome) }
      },
      dial: () => Promise.reject(new Error('not here')),
      target: 'a@b',
      onDrop: new Promise(() => undefined),
      dropped: () => !standing.has(own),
      close,
      [Symbol.asyncDispose]: close,
    }
  }
  return { connect, dialled: () => dialled, open: () => standing.size, asked }
}
