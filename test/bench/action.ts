import { join } from 'node:path'

/** The action that is measured: the committed one, or that of another directory. */
export const action = process.env['SLIPWAY_ACTION'] ?? join(import.meta.dirname, '..', '..')
