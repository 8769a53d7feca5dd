import { rm } from 'node:fs/promises'
import { removeCommand } from './buildx/create.ts'
import type { Run } from './core/command.ts'
import type { Undo } from './core/runtime.ts'
import { withoutClient } from './docker/plugins.ts'
import { endLogin } from './registry/credentials.ts'

/** Something that the step created on this machine. A run on the server is followed to its end, not undone. */
type Local = Exclude<Undo, { readonly kind: 'run' }>

/** Removes one thing that the step created. It is not an error if it no longer exists. */
export async function undo(run: Run, record: Local): Promise<void> {
  switch (record.kind) {
    case 'directory':
      return await rm(record.path, { recursive: true, force: true })
    case 'builder': {
      const remove = { ...removeCommand(record.name, record.keepState), env: record.env }
      await withoutClient(run, record.buildx)(remove)
      return
    }
    case 'login':
      return await endLogin(run, record)
    default:
      return record satisfies never
  }
}
