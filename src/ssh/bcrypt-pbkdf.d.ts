declare module 'bcrypt-pbkdf' {
  /** Fills `key`; gives 0, or something else when the parameters are out of range. */
  export function pbkdf(
    password: Uint8Array,
    passwordLength: number,
    salt: Uint8Array,
    saltLength: number,
    key: Uint8Array,
    keyLength: number,
    rounds: number,
  ): number
}
