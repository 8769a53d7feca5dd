import { rm } from 'node:fs/promises'
import type { Run } from './command.ts'
import type { Undo } from './world.ts'

/** What is taken away on this machine; what goes on on the server is not undone but followed to its end. */
type Made = Exclude<Undo, { readonly kind: 'run' }>

/** Takes away one thing that the step made. What is gone already is no error. */
export async function undo(run: Run, record: Made): Promise<void> {
  switch (record.kind) {
    case 'directory':
      return await rm(record.path, { recursive: true, force: true })
    case 'builder': {
      const { removeCommand } = await import('./later.ts')
      await run({ ...removeCommand(record.name, record.keepState), env: record.env })
      return
    }
    case 'login': {
      const { endLogin } = await import('./later.ts')
      return await endLogin(run, record)
    }
    default:
      return record satisfies never
  }
}
