/** An account of the token registry, with its permissions in every repository. */
export interface Member {
  readonly name: string
  readonly may: readonly ('pull' | 'push')[]
  /** The error message if the account lacks a permission. */
  readonly refusal: string
}

/** All log in with the registry's password. Only the first has every permission. The refusals are ghcr.io's. */
export const members: readonly Member[] = [
  { name: 'shipwright', may: ['pull', 'push'], refusal: '' },
  { name: 'reader', may: ['pull'], refusal: 'permission_denied: write_package' },
  { name: 'newcomer', may: ['pull'], refusal: 'installation not allowed to Create organization package' },
  { name: 'stranger', may: [], refusal: 'requested access to the resource is denied' },
]

/** The account with every permission, in each registry that requires a login. */
export const shipwright = 'shipwright'
