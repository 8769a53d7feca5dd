/** Who may do what in the registry with tokens, everywhere. */
export interface Member {
  readonly name: string
  readonly may: readonly ('pull' | 'push')[]
  /** What one who may not is told. */
  readonly refusal: string
}

/** All log in with the registry's password; the first may do everything. The refusals are ghcr.io's. */
export const members: readonly Member[] = [
  { name: 'shipwright', may: ['pull', 'push'], refusal: '' },
  { name: 'reader', may: ['pull'], refusal: 'permission_denied: write_package' },
  { name: 'newcomer', may: ['pull'], refusal: 'installation not allowed to Create organization package' },
  { name: 'stranger', may: [], refusal: 'requested access to the resource is denied' },
]

/** Who may do everything, in every registry with a login. */
export const shipwright = 'shipwright'
