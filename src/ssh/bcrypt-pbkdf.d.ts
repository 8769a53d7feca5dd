declare module 'bcrypt-pbkdf' {
  /** Fills `key`. Returns 0 on success, another number if a parameter is out of range. */
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
