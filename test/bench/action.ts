import { join } from 'node:path'

/** The directory of the measured action: this repository, unless SLIPWAY_ACTION is set. */
export const action = process.env['SLIPWAY_ACTION'] ?? join(import.meta.dirname, '..', '..')
